/** Where an earlier message begins, in the words of mail programs; what follows is not the writer's own. */
const EARLIER: readonly RegExp[] = [
  /^\s*-{2,}\s*(?:Original Message|Original Appointment|Forwarded message|Ursprüngliche Nachricht|Message d'origine|Mensaje original)\s*-{2,}/i,
  /^\s*(?:On|Am|Le|El|Il|Op|Em|Den)\b.{4,300}\b(?:wrote|schrieb|a écrit|escribió|ha scritto|schreef|escreveu|skrev)\b.{0,120}:\s*$/i,
  /^\s*Begin forwarded message:/i,
  /^\s*##-.*-##/,
  /^\s*(?:_{10,}|-{20,}|={20,})\s*$/,
];
/** A block of headers, as Outlook puts above what it quotes. */
const HEADER = /^\s*\*?(?:From|Von|De|Van|Da|Från)\*?:\s*\S/i;
const HEADER_NEXT =
  /^\s*\*?(?:Sent|Date|To|Subject|Gesendet|Datum|An|Betreff|Envoyé|À|Objet|Enviado|Para|Asunto|Verzonden|Aan|Onderwerp)\*?:/i;

/** Where a signature begins. */
const SIGNATURE: readonly RegExp[] = [
  /^-- ?$/,
  /^\s*Sent from (?:my|Mail|Outlook|Yahoo)\b/i,
  /^\s*Get Outlook for\b/i,
  /^\s*(?:This (?:e-?mail|message|communication)|The information (?:in|contained)).{0,200}\b(?:confidential|intended|privileged)\b/i,
  /^\s*CONFIDENTIAL/,
];
const CLOSING =
  /^\s*(?:(?:with )?(?:(?:kind|best|warm|many|kindest|warmest)(?: and \w+)?,? )?(?:regards|wishes|greetings)|best|cheers|sincerely|yours (?:sincerely|truly|faithfully)|respectfully|rgds|br|kr|thanks|thank you|many thanks|thanks (?:and|&) (?:kind |best )?regards|all the best)(?:,? \p{Lu}[\p{L}.]*){0,3}\s*[,.!]?\s*$/iu;
/** Lines that a signature has at most below its closing, and the length of each. */
const SIGNATURE_LINES = 10;
const SIGNATURE_LINE = 80;

/** The text without earlier messages, quoted lines and the signature. */
export function withoutReplies(text: string): string {
  const lines = joinSplitHeaders(text.split('\n'));
  const end = lines.findIndex((line, i) => EARLIER.some((p) => p.test(line)) || isHeaderBlock(lines, i));
  const own = (end === -1 ? lines : lines.slice(0, end)).filter((line) => !/^\s*(?:>|\|\s)/.test(line));
  return withoutSignature(own).join('\n');
}

/** "On Tue, Mar 3, 2026 at 9:12 AM Support\n<help@…> wrote:" is one line. */
function joinSplitHeaders(lines: readonly string[]): string[] {
  const joined: string[] = [];
  for (const line of lines) {
    const before = joined.at(-1);
    const splits =
      before !== undefined &&
      /^\s*(?:On|Am|Le|El|Op)\b.{4,200}$/.test(before) &&
      /^.{0,120}\b(?:wrote|schrieb|a écrit|escribió|schreef):\s*$/.test(line);
    if (splits) joined[joined.length - 1] = `${before} ${line}`;
    else joined.push(line);
  }
  return joined;
}

const isHeaderBlock = (lines: readonly string[], i: number): boolean =>
  HEADER.test(lines[i] ?? '') && lines.slice(i + 1, i + 4).some((line) => HEADER_NEXT.test(line));

function withoutSignature(lines: readonly string[]): readonly string[] {
  const hard = lines.findIndex((line) => SIGNATURE.some((p) => p.test(line)));
  const kept = hard === -1 ? lines : lines.slice(0, hard);
  const closing = kept.findLastIndex((line) => CLOSING.test(line));
  if (closing <= 0 || kept.slice(0, closing).every((line) => line.trim() === '')) return kept;
  const below = kept.slice(closing + 1).filter((line) => line.trim() !== '');
  const isSignature = below.length <= SIGNATURE_LINES && below.every((line) => line.length <= SIGNATURE_LINE);
  return isSignature ? kept.slice(0, closing) : kept;
}
