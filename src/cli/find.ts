import type { App } from '../app.ts';
import { InputError } from '../contract/index.ts';
import { nearest } from '../kit/yaml.ts';
import type { PlanHead } from '../store/types.ts';
import { oneOf, wholeNumber } from './arguments.ts';

/** An account named by id or by name. @throws InputError where none or several fit. */
export async function findAccount(app: App, text: string): Promise<{ account: string; name: string }> {
  const found = await app.store.findAccounts(app.primary.name, text, 6);
  const [first] = found;
  if (!first) {
    const close = await nearestAccount(app, text);
    throw new InputError(`no account is called "${text}"`, {
      hint: `${close ? `The nearest is "${close.name}" (${close.account}). ` : ''}Give its id, its name or the beginning of its name; only pulled accounts are known.`,
    });
  }
  if (found.length > 1)
    throw new InputError(`"${text}" fits ${found.length > 5 ? 'more than 5' : found.length} accounts`, {
      problems: found.slice(0, 5).map((a) => `${a.account}  ${a.name}`),
      hint: 'Give the id.',
    });
  return first;
}

async function nearestAccount(app: App, text: string): Promise<{ account: string; name: string } | null> {
  const byName = new Map<string, string>();
  for await (const chunk of app.store.sourceAccounts(app.primary.name))
    for (const { key, fact } of chunk)
      if (fact?.kind === 'account' && !fact.deleted && fact.data.name) byName.set(fact.data.name, key);
  const name = nearest(text, [...byName.keys()]);
  return name === null ? null : { account: byName.get(name) ?? '', name };
}

/** A plan by its number. @throws InputError where there is none. */
export async function storedPlan(app: App, text: string): Promise<PlanHead> {
  const found = await app.store.plan(wholeNumber('plan number', text, 1));
  if (found) return found;
  const known = (await app.store.plans(5)).map((p) => `${p.number} (${p.status})`);
  throw new InputError(`there is no plan ${text}`, {
    hint: known.length ? `The latest are ${known.join(', ')}.` : 'Run `npx pulseback plan` to make one.',
  });
}

/** The name of a configured source, where one was given. @throws InputError with the nearest. */
export function sourceName(app: App, name: string | undefined): string | undefined {
  return name === undefined
    ? undefined
    : oneOf(
        'source',
        name,
        app.sources.map((s) => s.name),
      );
}
