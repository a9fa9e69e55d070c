import { connectors } from '../../connectors/index.ts';
import { InputError } from '../contract/index.ts';
import { nearest } from '../kit/yaml.ts';

/** Names of the connectors that are CRMs; the first is meant where a command names none. */
export const crmNames = (): string[] => Object.keys(connectors).filter((name) => connectors[name]?.crm);

/** The CRM that `--crm` names, or the first. @throws InputError with the nearest valid name */
export function crmNamed(name: string | undefined): string {
  const names = crmNames();
  const found = name === undefined ? names[0] : names.find((known) => known === name);
  if (found !== undefined) return found;
  const close = nearest(name ?? '', names);
  throw new InputError(`--crm ${name}: no CRM connector is called that`, {
    hint: `${close ? `The nearest is "${close}". ` : ''}Known are: ${names.join(', ')}.`,
  });
}

export const crmTitle = (name: string): string => connectors[name]?.title ?? name;
