const FIRST =
  'Amber Atlas Aurora Beacon Birch Blue Bright Bronze Cedar Clear Cobalt Copper Coral Crystal Delta Eagle Echo Ember Falcon Fern Forest Frost Garnet Golden Granite Green Hazel Heron Indigo Iron Ivory Jade Juniper Lark Laurel Linden Lunar Maple Marble Meridian Mistral Noble North Oak Ocean Olive Onyx Opal Orchid Pearl Pine Polar Quartz Raven Robin Ruby Sable Silver Solar Willow'.split(
    ' ',
  );
const SECOND =
  'Arch Bank Bay Bridge Brook Cape Cliff Coast Crest Cross Dale Field Ford Gate Glen Grove Harbor Haven Heath Hill Hollow Island Junction Key Lake Lane Ledge Light Mark Mesa Mill Moor Park Path Peak Pier Point Port Ridge River Rock Shore Spring Stone Stream Tower Vale View Well Wood'.split(
    ' ',
  );
const TRADES =
  'Aerospace Analytics Apparel Automation Biotech Brewing Capital Ceramics Chemicals Cloud Coffee Consulting Cycles Dental Design Diagnostics Energy Engineering Estates Events Foods Freight Furniture Games Health Homes Insurance Labs Learning Legal Logistics Media Mobility Optics Packaging Pharma Robotics Software Textiles Travel'.split(
    ' ',
  );
const FORMS = ['', '', '', ' Ltd', ' Inc', ' LLC', ' Group', ' plc', ' GmbH', ' BV'] as const;
const COMBINATIONS = FIRST.length * SECOND.length * TRADES.length;

const at = <T>(items: readonly T[], index: number): T => {
  const item = items[index % items.length];
  if (item === undefined) throw new RangeError('no items');
  return item;
};

/** Company words that no other index of the same seed has: a fixed walk over all combinations, numbered when they run out. */
export function companyName(index: number, offset: number): { name: string; slug: string; trade: string } {
  const n = (index * 48_271 + offset) % COMBINATIONS; // 48271 is prime and divides no list's length
  const trade = at(TRADES, Math.floor(n / (FIRST.length * SECOND.length)));
  const second = at(SECOND, Math.floor(n / FIRST.length));
  const round = Math.floor(index / COMBINATIONS);
  const words = `${at(FIRST, n)} ${second} ${trade}${round ? ` ${round + 1}` : ''}`;
  return { name: words + at(FORMS, Math.floor(n / 7)), slug: words.toLowerCase().replaceAll(' ', ''), trade };
}

/** Names as real customers have them, each of which has broken somebody's integration. */
export const UNUSUAL_NAMES = [
  'Zürich Öl & Söhne GmbH',
  '株式会社さくら技研',
  "O'Neill & Daughters",
  '"Quoted" Holdings, Inc.',
  'Back\\Slash Industries',
  'شركة النور للتجارة',
  '🚀 Rocket Bakery 👩‍🍳',
  'Crème Brûlée & Fils S.à r.l.',
  'Łódź Żółć Sp. z o.o.',
  'Công ty Nguyễn Thị Hương',
  '<b>Bold</b> & Partners',
  'Semicolon; Comma, Percent 100%_',
  'Ελληνική Ενέργεια Α.Ε.',
  "Robert'); -- Tables",
  'İstanbul Çelik A.Ş.',
] as const;

/** As long as an account name may be: 255 characters. */
export function longName(name: string): string {
  const tail =
    ' and its Subsidiaries, Affiliates and Successors in the United Kingdom, Ireland and the Channel Islands';
  return (name + tail.repeat(3)).slice(0, 252).trimEnd().padEnd(252, '.').concat('Ltd');
}

export const FIRST_NAMES =
  'Aisha Akira Amélie Anders Ana Ben Björn Carlos Chloé Daniel Diego Elena Emeka Emma Fatima Finn Grace Hana Hugo Ines Ivan James Jana João Julia Kofi Lara Leo Lucía Luka Maya Mei Mohamed Nadia Nina Noah Olga Omar Paul Priya Ravi Rosa Sam Sara Siobhán Sofia Tom Yuki Zoë Łukasz'.split(
    ' ',
  );
export const LAST_NAMES =
  "Abbott Almeida Andersson Bauer Bianchi Chen Costa Dubois Evans Fischer García Haddad Hansen Hughes Ito Ivanova Jensen Johnson Kaya Khan Kim Kowalski Larsen Li Lopez MacDonald Martin Meyer Moreau Müller Nakamura Ng Nguyen Novák O'Brien Okafor Osei Patel Petrov Rossi Sato Schmidt Shah Silva Singh Smith Tanaka Taylor Virtanen Wójcik".split(
    ' ',
  );

/** The ASCII part of a name that an e-mail address carries. */
export const addressOf = (name: string): string =>
  name
    .normalize('NFD')
    .replaceAll('ł', 'l')
    .replaceAll('Ł', 'L')
    .replace(/[^A-Za-z]/g, '')
    .toLowerCase();
