import type { WorldSurvey } from '../world.types.ts';
import { childKey, customerSpan, type PeopledDraft, streamOf } from './draft.ts';
import { requester } from './tickets.ts';
import { DAY, officeTime } from './time.ts';

const COMMENTS = {
  good: [
    'Great product, the team loves it.',
    'Excellent support, thank you!',
    'Does what we need, very reliable.',
    'Sehr zufrieden, weiter so!',
  ],
  fair: ['Good, but reports could be faster.', 'It is okay for what we do.', 'Still learning our way around.'],
  bad: [
    'Too many open problems.',
    'Support takes far too long, disappointing.',
    'We do not get the value we were promised.',
  ],
} as const;

/** A relationship survey every quarter, and a satisfaction survey twice a year; not everybody answers. */
export function makeSurveys(draft: PeopledDraft): WorldSurvey[] {
  const found = [...waves(draft, 'nps', 91), ...waves(draft, 'csat', 182)];
  return found.sort((a, b) => a.at - b.at).map((survey, n) => ({ key: childKey(draft, 's', n), ...survey }));
}

function waves(draft: PeopledDraft, type: WorldSurvey['type'], everyDays: number): Omit<WorldSurvey, 'key'>[] {
  const { id, health } = draft;
  const living = customerSpan(draft);
  if (!living || id.since === null) return [];
  const random = streamOf(draft, `survey ${type}`);
  const answers: Omit<WorldSurvey, 'key'>[] = [];
  const asked = { smb: 1, 'mid-market': 2, enterprise: 3 }[id.segment];
  for (let wave = id.since + random.between(25, everyDays) * DAY; wave < living.to; wave += everyDays * DAY) {
    for (let n = 0; n < asked; n++) {
      const at = officeTime(wave + random.between(0, 12) * DAY, random);
      const h = health(at);
      const [noise, speaks, answersIt] = [random.normal(), random.chance(0.5), random.chance(0.45 + 0.25 * h)];
      const respondentEmail = requester(draft, draft.contacts, at, random);
      const ideal = type === 'nps' ? 1.5 + 8.6 * h + noise : 0.9 + 4 * h + 0.5 * noise;
      const [low, high] = type === 'nps' ? [0, 10] : [1, 5];
      const score = Math.min(high, Math.max(low, Math.round(ideal)));
      const mood = (score - low) / (high - low);
      const comment = random.pick(COMMENTS[mood >= 0.85 ? 'good' : mood >= 0.6 ? 'fair' : 'bad']);
      if (!answersIt || at < living.from || at >= living.to) continue;
      answers.push({ at, type, score, comment: speaks ? comment : null, respondentEmail });
    }
  }
  return answers;
}
