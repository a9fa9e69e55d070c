import { type CheckItem, ConnectorError, InputError } from '../contract/index.ts';

export const good = (what: string): CheckItem => ({ ok: true, level: 'error', what });
export const bad = (what: string, fix: string, level: CheckItem['level'] = 'error'): CheckItem => ({
  ok: false,
  level,
  what,
  fix,
});

/** Runs one check of several; its failure is a finding. Resolves to whether it could be made. @throws what is a defect, or aborted */
export type Probe = (what: string, run: () => Promise<CheckItem[]>) => Promise<boolean>;

/** Puts what each check finds into `items`, so that one that cannot be made hides no other. */
export function probing(items: CheckItem[], signal: AbortSignal): Probe {
  return async (what, run) => {
    try {
      items.push(...(await run()));
      return true;
    } catch (error) {
      if (!(error instanceof ConnectorError || error instanceof InputError)) throw error;
      signal.throwIfAborted();
      const problems = error instanceof InputError && error.problems.length ? `: ${error.problems.join('; ')}` : '';
      const fix = error.hint ?? 'Correct this, then run `npx pulseback check` again.';
      items.push(bad(`${what}: ${error.message}${problems}`, fix));
      return false;
    }
  };
}
