import { describe, expect, it } from 'vitest';
import { type CheckItem, ConnectorError, InputError } from '../../src/contract/index.ts';
import { good, probing } from '../../src/kit/check.ts';

describe('probing', () => {
  const start = (signal = new AbortController().signal) => {
    const items: CheckItem[] = [];
    return { items, probe: probing(items, signal) };
  };

  it('turns what stands in a check’s way into a finding, and goes on', async () => {
    const { items, probe } = start();
    const refused = new ConnectorError('403', { action: 'fail', hint: 'Grant the scope.' });
    expect(await probe('records', () => Promise.reject(refused))).toBe(false);
    expect(
      await probe('mapping', () => Promise.reject(new InputError('two names', { problems: ['line 3', 'line 9'] }))),
    ).toBe(false);
    expect(await probe('owners', async () => [good('10 owners')])).toBe(true);
    expect(items.map(({ ok, what, fix }) => [ok, what, fix])).toEqual([
      [false, 'records: 403', 'Grant the scope.'],
      [false, 'mapping: two names: line 3; line 9', 'Correct this, then run `npx pulseback check` again.'],
      [true, '10 owners', undefined],
    ]);
  });

  it('hides neither a defect nor a stop', async () => {
    const { items, probe } = start();
    await expect(probe('x', () => Promise.reject(new TypeError('a defect')))).rejects.toThrow('a defect');
    const stopped = start(AbortSignal.abort(new Error('stopped')));
    const lost = new ConnectorError('lost', { action: 'retry' });
    await expect(stopped.probe('x', () => Promise.reject(lost))).rejects.toThrow('stopped');
    expect(items).toEqual([]);
  });
});
