import { describe, expect, it } from 'vitest';
import { withEvidence } from '../../src/pipeline/evidence.ts';
import { pullSource } from '../../src/pipeline/pull.ts';
import { scoreAll } from '../../src/pipeline/score.ts';
import { modelOf, reads } from '../core/helpers.ts';
import { book, customer, MODEL } from './book.ts';
import { NOW } from './support.ts';

const scored = async () => {
  const made = await book([customer('A1', { a: 70 })]);
  await pullSource(made, made.primary);
  await scoreAll(made, NOW);
  const stored = await made.store.latestScore('A1');
  if (!stored) throw new Error('A1 has no score');
  // As scoring in bulk leaves it, whose figures come without their rows.
  const { score } = stored;
  return { made, bare: { ...score, contributions: score.contributions.map((c) => ({ ...c, evidence: [] })) } };
};

describe('the evidence of a stored score', () => {
  it('is taken from the rows of its account, and changes nothing else', async () => {
    const { made, bare } = await scored();
    const { score, note } = await withEvidence(made, bare);
    expect(note).toBeNull();
    expect(score.contributions[0]?.evidence).toEqual([
      expect.objectContaining({ source: 'crm', kind: 'account', id: 'A1' }),
    ]);
    expect({ ...score, contributions: bare.contributions }).toEqual(bare);
  });

  it('is that of the model which scored it, also when another one is live', async () => {
    const { made, bare } = await scored();
    made.model = modelOf({ dimensions: [{ key: 'other', weight: 1, signals: [reads('b', 1)] }] });
    expect((await withEvidence(made, bare)).score.contributions[0]?.evidence).toHaveLength(1);
    const unkept = { ...bare, modelHash: 'never kept' };
    expect(await withEvidence(made, unkept)).toEqual({ score: unkept, note: expect.stringContaining('is not kept') });
    made.model = MODEL;
  });

  it('says what has been corrected since, and what cannot be told any more', async () => {
    const { made, bare } = await scored();
    made.next = [customer('A1', { a: 20 })];
    await pullSource(made, made.primary);
    const corrected = await withEvidence(made, bare);
    expect(corrected.note).toBe('Corrected since it was scored, so that its records say otherwise today: a.');
    expect(corrected.score.points).toBe(bare.points);
    made.next = [customer('A1', { attributes: { Type: 'Prospect' } })];
    await pullSource(made, made.primary);
    expect((await withEvidence(made, bare)).note).toContain('no customer any more (Type is Prospect');
  });
});
