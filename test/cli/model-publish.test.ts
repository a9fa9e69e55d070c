import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { floorsOf, PUBLISHED_AT, Publishing, type World } from './publishing.ts';

const WORLD: World = { accounts: 240, left: 60 };
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** Some days later, and a little: the clock of a command runs on from where it is set. */
const later = (days: number): string => new Date(Date.parse(PUBLISHED_AT) + days * DAY + HOUR).toISOString();

async function pulled(world: World = WORLD): Promise<Publishing> {
  const made = new Publishing(world);
  expect((await made.run('pull', '--json')).code).toBe(0);
  return made;
}

/** No figure is missing without a word, and none is NaN. */
const sound = (thing: unknown): void => expect(JSON.stringify(thing)).not.toMatch(/NaN|Infinity/);

describe('model publish', () => {
  it('makes a better model live, with its proof, and leaves the configuration alone', async () => {
    const at = await pulled();
    const second = at.model('second', { better: 1 });
    expect(await at.live()).toBe('first 1');
    const { code, json } = await at.publish(second, '--by', 'mia');
    expect(json.shortfalls).toEqual([]);
    expect(code).toBe(0);
    sound(json);
    expect(json).toMatchObject({
      ok: true,
      published: true,
      publication: 1,
      kind: 'published',
      by: 'mia',
      reason: null,
    });
    expect(json).toMatchObject({ lostAccounts: 60, accounts: 240, shortfalls: [] });
    expect(json.against).toMatchObject({ model: 'first 1', cases: 240, lostAccounts: 60, keptAccounts: 180 });
    expect(json.against.difference.value).toBeCloseTo(json.auc.value - json.against.live.auc.value, 5);
    expect(json.against.difference.low).toBeGreaterThan(0);
    expect(await at.live()).toBe('second 1');
    const history = (await at.run('model', 'history', '--json')).json;
    expect(history.live).toMatchObject({ model: 'second 1', published: true, ageDays: 0, notes: [] });
    expect(history.publications).toMatchObject([
      { number: 1, name: 'second', version: 1, replaced: { name: 'first', version: 1 }, by: 'mia' },
    ]);
    expect(history.publications[0].at.slice(0, 10)).toBe(PUBLISHED_AT.slice(0, 10));
    expect(history.publications[0].figures.auc).toEqual(json.auc);
  });

  it('says the same of the same seed', async () => {
    const at = await pulled();
    const second = at.model('second', { better: 1 });
    const [one, two] = [await at.publish(second, '--dry-run'), await at.publish(second, '--dry-run')];
    expect(one.json).toEqual(two.json);
    expect(one.json).toMatchObject({ ok: true, published: false, dryRun: true, publication: null });
    expect((await at.run('model', 'history', '--json')).json.publications).toEqual([]);
    expect(await at.live()).toBe('first 1');
  });

  it.each<[string, string, Record<string, number>, Record<string, unknown>, RegExp]>([
    [
      'chance',
      'a model of noise',
      { noise: 1 },
      {},
      /second 1 does not predict here: its AUC is 0\.\d\d \(0\.\d\d–0\.\d\d\), not different from chance/,
    ],
    [
      'leastAuc',
      'one below a floor of one’s own',
      { good: 1 },
      { leastAuc: 0.99 },
      /ranks too badly: its AUC is 0\.\d\d .*below 0\.99/,
    ],
    [
      'worseBy',
      'one that is worse than the live one',
      { good: 1, noise: 2 },
      {},
      /(is|may be) worse than the live model: AUC −0\.\d\d against it \(−0\.\d\d to .*more than 0\.05 at the low end/,
    ],
    [
      'bestBandChurn',
      'one with churn among the healthy',
      { good: 1, flat: 0 },
      { bestBandChurn: 0 },
      /calls too many healthy that leave: \d+ % of green left, of all 25 %/,
    ],
    [
      'bandChanges',
      'one that moves the book',
      { good: 1, flat: 1 },
      {},
      /puts \d+ of today's 240 accounts into another band \(\d+\.\d %\), more than 30 %/,
    ],
    [
      'knows-the-outcome',
      'one that reads the label',
      { good: 1, label: 3 },
      {},
      /is too good to be true: AUC 1\.00: a signal knows the outcome; look at label/,
    ],
  ])('holds %s: %s', async (floor, _, signals, floors, said) => {
    const at = await pulled();
    if (floor === 'bestBandChurn') at.model('first', { better: 1 });
    at.configure('first.yaml', { publish: floors });
    const second = at.model('second', signals);
    const held = await at.publish(second);
    expect(held.code).toBe(3);
    sound(held.json);
    expect(floorsOf(held)).toContain(floor);
    expect(held.json).toMatchObject({ ok: false, exit: 3, published: false, publication: null });
    expect(held.json.error.message).toMatch(said);
    expect(held.json.error.hint).toContain(`npx pulseback model publish ${second} --force --reason "…"`);
    expect(held.err).toMatch(/^held for a person: second 1 /m);
    expect(await at.live()).toBe('first 1');
  });

  it('cannot judge by few events, and says so in place of anything else', async () => {
    const at = await pulled({ accounts: 200, left: 5 });
    const held = await at.publish(at.model('second', { better: 1 }));
    expect(held.code).toBe(3);
    expect(floorsOf(held)).toEqual(['too-few-events']);
    expect(held.json.error.message).toMatch(
      /cannot be judged: 5 accounts that left and 195 that stayed are too few, 30 of each are needed/,
    );
    expect(held.json.retire).toMatchObject({
      inputs: [],
      reason: expect.stringMatching(/^too few events to name any/),
    });
    sound(held.json);
  });

  it('goes live below a floor by force alone, with a reason that is kept', async () => {
    const at = await pulled({ accounts: 200, left: 5 });
    const second = at.model('second', { better: 1 });
    for (const blank of [[], ['--reason', '  ']]) {
      const refused = await at.publish(second, '--force', ...blank);
      expect(refused.code).toBe(2);
      expect(refused.json.error.message).toMatch(/--force needs --reason/);
    }
    expect(await at.live()).toBe('first 1');
    const { code, json } = await at.publish(second, '--force', '--reason', ' first year ', '--by', 'mia');
    expect(code).toBe(0);
    expect(json).toMatchObject({ kind: 'forced', reason: 'first year', published: true });
    expect(await at.live()).toBe('second 1');
    const [kept] = (await at.run('model', 'history', '--json')).json.publications;
    expect(kept).toMatchObject({ kind: 'forced', reason: 'first year', by: 'mia' });
    expect(kept.figures.shortfalls).toMatchObject([{ floor: 'too-few-events' }]);
    expect((await at.run('model', 'history')).out).toMatch(/forced +0\.\d+ +first year\n1 publication by force/);
  });

  it.each<[string, World, Record<string, number>, string]>([
    ['nobody left', { accounts: 60, left: 0 }, { better: 1 }, 'cannot-be-judged'],
    ['everybody left', { accounts: 60, left: 60 }, { better: 1 }, 'cannot-be-judged'],
    ['nothing is there', WORLD, { never: 1 }, 'cannot-be-judged'],
    ['all score the same', WORLD, { flat: 1 }, 'chance'],
  ])('judges hostile data in words: %s', async (_, world, signals, floor) => {
    const at = await pulled(world);
    const held = await at.publish(at.model('second', signals, { floor: 0.4 }));
    expect(held.code).toBe(3);
    expect(floorsOf(held)[0]).toBe(floor);
    sound(held.json);
    const words = await at.run(
      'model',
      'publish',
      join(at.dir, 'second.yaml'),
      '--outcome',
      'gone',
      '--resamples',
      '100',
    );
    expect(words.code).toBe(3);
    expect(words.out).not.toMatch(/NaN|Infinity|undefined|null/);
  });

  it('holds what nothing has been pulled for', async () => {
    const at = new Publishing(WORLD);
    const { code, json, err } = await at.run('model', 'publish', at.model('second', { better: 1 }), '--json');
    expect(code).toBe(3);
    expect(json.shortfalls).toMatchObject([{ floor: 'cannot-be-judged' }]);
    expect(err).not.toMatch(/^\s+at /m);
  });

  it('names inputs to retire where events are enough', async () => {
    const at = await pulled();
    const { json } = await at.publish(at.model('second', { better: 5, noise: 1 }), '--dry-run');
    expect(json.retire.reason).toBeNull();
    expect(json.retire.inputs).toMatchObject([{ signal: 'usage.noise', why: 'no better than chance' }]);
  });

  it('judges the live model anew where no file is named', async () => {
    const at = await pulled();
    const { code, json } = await at.publish();
    expect(code).toBe(0);
    expect(json).toMatchObject({ published: true, model: 'first 1', live: 'first 1', against: null });
    expect((await at.run('model', 'history')).out).toMatch(/1 +first 1 +judged anew/);
  });

  it('judges a calibrated model by dates that had no say in it, and says where there are none', async () => {
    const at = await pulled();
    const second = at.model('second', { better: 1 });
    const evidence = (fit: string[] | null, judge: string[] | null, model = 'second 1'): string =>
      at.write('second.evidence.json', JSON.stringify({ fit, judge, proposal: { model } }));
    const told = async (...args: string[]) => (await at.publish(second, '--dry-run', ...args)).json;
    evidence(['2026-09-30'], ['2026-10-01']);
    expect(await told()).toMatchObject({ dates: ['2026-10-01'] });
    expect((await told()).warnings).not.toContainEqual(expect.stringMatching(/calibrated/));
    expect((await told('--as-of', '2026-09-30,2026-10-01')).warnings).toContainEqual(
      expect.stringMatching(/^It was calibrated on 1 of these 2 dates, so that the figures flatter it/),
    );
    evidence(null, null);
    expect((await told()).warnings).toContainEqual(expect.stringMatching(/^It was calibrated on these same accounts/));
    evidence(['2026-09-30'], ['2026-09-30'], 'second 7');
    expect((await told()).dates).toEqual(['2026-10-01']);
    at.write('second.evidence.json', '{');
    const broken = await at.publish(second, '--dry-run');
    expect([broken.code, broken.json.error.message]).toEqual([
      2,
      expect.stringMatching(/second\.evidence\.json: the evidence/),
    ]);
  });

  it('takes outcomes from a file, for both models', async () => {
    const at = await pulled();
    const left = Array.from({ length: 60 }, (_, i) => `A${i},2026-09-30`);
    const file = at.write('left.csv', `account,date\n${left.join('\n')}\n`);
    const args = ['--as-of', '2026-09-25', '--horizon', '5', '--resamples', '100', '--dry-run', '--json'];
    const second = at.model('second', { better: 1 });
    const { code, json, err } = await at.run('model', 'publish', second, '--outcome', file, ...args);
    expect(code, err).toBe(0);
    expect(json).toMatchObject({ lostAccounts: 60, against: { cases: 240, lostAccounts: 60 } });
  });

  it('refuses a model that the playbook does not go with', async () => {
    const at = await pulled();
    at.write(
      'plays.yaml',
      `actions:
  - { code: outreach, label: Outreach }
  - { code: check-in, label: Check in }
plays:
  - code: check-in
    when: { scored: false }
    text: 'Speak with {contact} by {date}: what is missing?'
    why: Not scored
    withinDays: 30
  - code: outreach
    when: { dimension: { usage: { below: 40 } } }
    text: 'Ask {contact} by {date}: what changed?'
    why: Little use
    withinDays: 7
  - code: check-in
    text: 'Speak with {contact} by {date}: what is next?'
    why: Nothing stands out
    withinDays: 30
`,
    );
    at.configure('first.yaml', { playbook: 'plays.yaml' });
    const { code } = await at.publish();
    const dimensions = [{ key: 'other', label: 'Other', weight: 1, signals: at.signals({ better: 1 }) }];
    const refused = await at.publish(at.model('second', {}, { dimensions }));
    expect([code, refused.code]).toEqual([0, 2]);
    expect(refused.err).toMatch(/plays\.yaml[\s\S]*usage/);
    expect(await at.live()).toBe('first 1');
  });

  it('refuses what cannot be', async () => {
    const at = await pulled();
    for (const [args, said] of [
      [['nowhere.yaml'], /nowhere\.yaml: there is no such file/],
      [['five-dimensions'], /The nearest is "five-dimension"/],
      [['--outcome', 'gnoe'], /no account has anything in a column of that name[\s\S]*"gone"/],
      [['--as-of', '2027-01-31'], /that day has not ended yet/],
      [['--horizon', '0'], /--horizon 0: expected a whole number/],
    ] as const) {
      const { code, err } = await at.run('model', 'publish', ...args);
      expect([code, err]).toEqual([2, expect.stringMatching(said)]);
    }
    at.configure('first.yaml', { publish: { leastAcu: 0.7 } });
    const { code, err } = await at.run('model', 'publish');
    expect(code).toBe(2);
    expect(err).toMatch(/leastAcu[\s\S]*leastAuc/);
  });
});

describe('the live model', () => {
  it('is the published one with the models of its segments, also when their files are gone', async () => {
    const at = await pulled();
    at.model('own', { good: 1 });
    const second = at.model('second', { better: 1 }, { segments: { smb: { model: 'own.yaml' } } });
    expect((await at.publish(second)).code).toBe(0);
    for (const name of ['second', 'own']) renameSync(join(at.dir, `${name}.yaml`), join(at.dir, `${name}.gone`));
    expect(await at.live()).toBe('second 1');
    expect((await at.publish()).json).toMatchObject({ ok: true, model: 'second 1', published: true });
  });

  it('can be had back as a file, to the last word', async () => {
    const at = await pulled();
    at.model('own', { good: 1 });
    const second = at.model('second', { better: 1 }, { segments: { smb: { model: 'own.yaml' } } });
    await at.publish(second);
    await at.publish(at.model('third', { better: 5, good: 1 }));
    const back = join(at.dir, 'back.yaml');
    writeFileSync(back, (await at.run('model', 'show', '1')).out);
    const checked = await at.run('model', 'check', back, '--json');
    const { publications } = (await at.run('model', 'history', '--json')).json;
    expect(checked.json.hash).toBe(publications[1].hash);
    expect((await at.run('model', 'show', '--json')).json).toMatchObject({
      publication: null,
      hash: publications[0].hash,
    });
    expect((await at.run('model', 'show', '9')).code).toBe(2);
  });

  it('is what `model:` names again once that is changed by hand, and is told never to have been judged', async () => {
    const at = await pulled();
    await at.publish(at.model('second', { better: 1 }));
    at.model('third', { better: 5, good: 1 });
    at.configure('third.yaml');
    expect(await at.live()).toBe('third 1');
    const note =
      /`model: third\.yaml` was set by hand after second 1 had been published: third 1 is live, and was never judged on past renewals: `npx pulseback model publish`/;
    expect((await at.run('check')).out).toMatch(note);
    expect((await at.run('sync')).out).toMatch(note);
    expect((await at.run('sync', '--json')).json.model.notes).toMatchObject([{ code: 'replaced-by-hand' }]);
    // Judged against the one before it, not against itself.
    const { json } = await at.publish();
    expect(json).toMatchObject({ published: true, model: 'third 1', against: { model: 'second 1' } });
    expect((await at.run('check')).out).not.toMatch(/by hand/);
    at.configure('first.yaml');
    expect(await at.live()).toBe('first 1');
  });

  it('stays when its file is edited, which is told', async () => {
    const at = await pulled();
    at.model('second', { better: 1 });
    at.configure('second.yaml');
    expect((await at.publish()).json.published).toBe(true);
    at.model('second', { noise: 1 }, { version: 2 });
    expect(await at.live()).toBe('second 1');
    expect((await at.run('check')).out).toContain(
      'second.yaml was changed after second 1 had been published, and is not live before it is published: `npx pulseback model publish second.yaml`',
    );
  });

  it('is told never to have been judged where it is a file of one’s own, and a shipped one only after a while', async () => {
    const at = await pulled();
    expect((await at.run('check', '--json')).json.standing.notes).toMatchObject([{ code: 'never-judged' }]);
    at.configure('five-dimension');
    await at.run('score');
    expect((await at.run('check', '--json')).json.standing).toMatchObject({ ageDays: 0, notes: [] });
    expect((await at.at(later(90), 'check', '--json')).json.standing).toMatchObject({
      ageDays: 90,
      notes: [{ code: 'never-judged', command: 'npx pulseback model publish' }],
    });
  });

  it('is reminded of once its proof is old, after as many days as are set', async () => {
    const at = await pulled();
    await at.publish(at.model('second', { better: 1 }));
    const notes = async (days: number): Promise<string[]> =>
      (await at.at(later(days), 'model', 'history', '--json')).json.live.notes.map((n: { text: string }) => n.text);
    expect(await notes(89)).toEqual([]);
    expect(await notes(91)).toEqual([expect.stringMatching(/^second 1 was last judged 91 days ago, on 2026-11-02/)]);
    at.configure('first.yaml', { publish: { remindAfterDays: 30 } });
    expect(await notes(31)).toHaveLength(1);
    await at.at(later(31), 'model', 'publish', '--outcome', 'gone', '--resamples', '100');
    expect(await notes(32)).toEqual([]);
  });
});

describe('model rollback', () => {
  it('puts back the model before, and that of any publication', async () => {
    const at = await pulled();
    const back = (...args: string[]) => at.run('model', 'rollback', '--json', ...args);
    const none = await back();
    expect([none.code, none.json.error.message]).toEqual([2, 'there is no earlier model to go back to']);
    await at.publish(at.model('second', { better: 1 }));
    await at.publish(at.model('third', { better: 5, good: 1 }));
    await at.publish(); // judged anew
    expect((await back('--reason', 'too many reds', '--by', 'mia')).json).toMatchObject({
      publication: 4,
      model: 'second 1',
      replaced: 'third 1',
      by: 'mia',
      reason: 'too many reds',
    });
    expect(await at.live()).toBe('second 1');
    expect((await back('--to', '2')).json).toMatchObject({ model: 'third 1' });
    expect((await back('--to', '3')).json.error.message).toBe('third 1 is the live model already');
    expect((await back('--to', '99')).json.error.message).toBe('there is no publication 99');
    expect(await at.live()).toBe('third 1');
    // A rollback is no proof; the one before it holds.
    expect((await at.run('model', 'history', '--json')).json.live).toMatchObject({ model: 'third 1', ageDays: 0 });
  });

  it('puts back what was live before anything was published', async () => {
    const at = await pulled();
    await at.publish(at.model('second', { better: 1 }));
    expect((await at.run('model', 'rollback', '--json')).json).toMatchObject({ model: 'first 1' });
    expect(await at.live()).toBe('first 1');
  });
});
