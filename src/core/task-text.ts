import { dayText, dueDay } from './calendar.ts';
import { shortMoney } from './format.ts';
import type { AccountScore, Renewal } from './result.ts';
import { cutAtWord, oneLine, sentenceCase } from './text.ts';

export interface TaskText {
  /** At most 255 characters. */
  subject: string;
  /** Plain text. */
  body: string;
  /** A working day, `YYYY-MM-DD`. */
  dueOn: string;
  priority: 'high' | 'normal';
}

const MAX_SUBJECT = 255;
/** From here on a renewal is urgent whatever the trend. */
const URGENT_DAYS = 30;

/** A manager task in words (A7): facts with figures and dates, the advised step, and what is not known. */
export function taskText(
  score: AccountScore & { renewal: Renewal },
  { today, csm }: { today: string; csm: string | null },
): TaskText {
  const { renewal } = score;
  const overdue = renewal.daysAway < 0;
  const date = dayText(renewal.on, today);
  const when = overdue ? `was due ${date}` : date;
  const arr = renewal.arr ? shortMoney(renewal.arr) : 'ARR unknown';
  const rest = `, ${when}, ${arr}, score ${score.score ?? 'unknown'}`;
  const head = overdue ? 'Renewal overdue: ' : 'Renewal at risk: ';
  const name = oneLine(score.name) || 'this account';
  const subject = `${head}${cutAtWord(name, MAX_SUBJECT - head.length - rest.length) || 'this account'}${rest}`;
  const moving = score.trend === 'new' ? '' : `, ${score.trend}`;
  const lines = [
    `${name}: score ${score.score ?? 'unknown'} (${score.band}${moving}).`,
    `Renewal ${overdue ? `was due ${date}` : `on ${date}`}, ${arr} (${renewal.source}).`,
    '',
    'What the score rests on:',
    ...(score.reasons.length > 0 ? score.reasons : ['No single driver stands out.']).map((r) => `- ${oneLine(r)}`),
    '',
    ...(score.action ? [`Next step: ${score.action.text}`] : []),
    `CSM: ${oneLine(csm ?? '') || 'not known'}`,
    ...(score.coverage === '' ? [] : [`Not known: ${sentenceCase(oneLine(score.coverage))}`]),
  ];
  return {
    subject,
    body: lines.join('\n'),
    dueOn: dueDay(today, 7, renewal.on),
    priority: renewal.daysAway <= URGENT_DAYS || score.trend === 'declining fast' ? 'high' : 'normal',
  };
}
