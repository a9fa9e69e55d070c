/**
 * Ways of putting it that single words do not show, each a feature of the classifier, which learns what they are worth. Matched in lower
 * case, apostrophes straight.
 */
const CUES: Record<string, RegExp> = {
  /** The same thing told more than once. */
  repeated:
    /\b(?:again and again|once again|yet again|here we go again|over and over|umpteenth|as always|same (?:story|answer|excuse|error|problem|bug|issue|thing)|(?:second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|last|\d+(?:st|nd|rd|th)) (?:time|ticket|e?-?mail|message|agent|attempt|reminder|chance)|(?:two|three|four|five|six|seven|ten|\d+|many|several|countless) (?:times|tickets|mails|emails|reminders|agents|calls)|ticket after ticket|(?:keep|keeps|kept) (?:\w+ )?(?:asking|telling|closing|repeating|sending|reporting|saying|breaking|promising|calling|chasing)|already (?:told|sent|explained|answered|said|wrote|asked)|repeat (?:myself|it)|(?:explain|explained|told|tell|ask|asked|said|say) (?:\w+ ){0,4}(?:again|times|before))\b|\bagain\s*[?!.]|\bagain\b[^.?!]*\bagain\b/,
  /** Left without an answer. */
  waiting:
    /\b(?:still (?:no|nothing|not|waiting|the same)|waiting (?:for|since)|waited|chasing|on hold|no (?:answer|reply|response|word|one)\b[^.]*(?:weeks?|days?|months?|since)|(?:nobody|no one|noone) (?:answers?|answered|calls?|called|cares?|replies|replied|gets? back|has|looks?|looked|reads?|listens?|ever)|been (?:waiting|chasing|passed|bounced|on hold|going back and forth)|(?:weeks|months|days) (?:now|later|and|of))\b/,
  /** Do it, or else. */
  ultimatum:
    /\b(?:last (?:chance|warning|straw|time)|you have until|money back|lawyers?|legal (?:action|department|counsel|steps)|breach|take (?:my|our) business|or (?:else|we|i)\b[^.]*\b(?:leave|cancel|leaving|quit|refund|switch|terminate)|if\b[^.!?]{0,90}\b(?:cancel\w*|leave|leaving|terminat\w*|moving|switch\w*|dispute|out|lawyers?)|i'?m cancell?ing|cancel (?:our|my|the) (?:account|contract|subscription)|(?:won't|will not|refuse to) pay|i demand|i expect (?:a|an)|find(?:ing)? another)\b/,
  /** Somebody higher up is asked for. */
  higher:
    /\b(?:(?:want|demand|need|expect|like|let|put|connect|get|give|speak|talk|contact)\b[^.!?]{0,40}\b(?:manager|supervisor|director|executive|ceo|boss|authority|in charge|someone (?:senior|else|competent|who)|somebody (?:senior|else|competent|who|with))|(?:formal|official|file a|file an) ?(?:\w+ )?complaint|please escalate|escalate (?:this|it)|escalation call|regulator)\b/,
  /** A question that is none. */
  disbelief:
    /\?!|!\?|\?{2,}|\b(?:are you (?:kidding|joking|serious|even)|can'?t be serious|do you (?:even|people|ever|actually|have any idea)|how (?:hard can|many (?:more )?times|on earth|can (?:this|it|that|you)|is (?:it|this) (?:even )?possible|much longer|long (?:do|does|will|must))|what (?:on earth|the hell|exactly|part of)|(?:is|does|did) (?:anybody|anyone|somebody|someone)|why (?:on earth|do i (?:have|need)|am i (?:still|paying)|is (?:nobody|no one)|would you)|when (?:will you|are you) (?:finally|going)|seriously\?|wtf|ffs|unbelievable|incredible\.|i can'?t believe)/,
  /** Patience, said to be gone. */
  patience:
    /\b(?:fed up|sick (?:of|and tired)|(?:so )?tired of|had (?:it|enough)|have enough|enough is enough|(?:i'm|i am|we're|we are|so|im) done\b|patience|losing (?:my|our)|at (?:my wits|our wits|the end of)|unacceptable|not acceptable|ridiculous|outrageous|absurd|laughable|a joke|pathetic|disgrace\w*|insane|furious|angry|livid|exhausted|shame on|insult\w*|no more excuses|can't (?:take|go on)|beyond \w+)\b/,
  /** Said of a feeling at its end by somebody who took notes. */
  heated:
    /\b(?:tense|heated|shout\w*|threaten\w*|hung up|raised (?:his|her|their) voice|furious|very angry|boiling|demands?|wants? out)\b/,
};

const PRAISE =
  /^(?:oh|wow|so|well|yeah|ah)?,?\s*(?:great|wonderful|fantastic|lovely|nice|love|i love|amazing|brilliant|congrat\w*|bravo|impressive|perfect|awesome|(?:so )?glad|thanks?|thank you|good (?:job|work|to know)|excellent|superb|how (?:nice|lovely|kind))\b/;
const HARM =
  /\b(?:another|again|down|brok\w*|slow\w*|bugs?|error|outage|wait\w*|charged|delet\w*|crash\w*|fail\w*|nothing|none|nobody|without|gone|ruin\w*|still (?:no|not|there)|wrong|lost|twice|not a single|closing my)\b/;
const WORDS_OF_THANKS = /\b(?:fixed|solved|working again|help(?:ed|ing)?|quick|sorted|resolved|gone since|no more)\b/;

/** Which of them a text shows. */
export function cuesOf(text: string): string[] {
  const said = text.toLowerCase().replace(/[’‘`´]/g, "'");
  const found = Object.entries(CUES).flatMap(([name, pattern]) => (pattern.test(said) ? [name] : []));
  const opening = PRAISE.exec(said)?.[0];
  // Praise that opens what tells of harm, and of nothing that was put right, is meant the other way round.
  const irony = opening !== undefined && HARM.test(said.slice(opening.length)) && !WORDS_OF_THANKS.test(said);
  return irony ? [...found, 'irony'] : found;
}
