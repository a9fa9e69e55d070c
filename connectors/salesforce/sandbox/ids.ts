/** Record ids as the vendor makes them: 3 characters of type, 12 of number, 3 of case checksum. */
const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const CHECK = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ012345';

/** The nth id of a type. Ids of one type sort like their numbers. */
export function recordId(prefix: string, n: number): string {
  let rest = n;
  let tail = '';
  while (tail.length < 8) {
    tail = DIGITS.charAt(rest % 62) + tail;
    rest = Math.floor(rest / 62);
  }
  return to18(`${prefix}gK00${tail}`.slice(0, 15));
}

/** 15 characters → 18; 18 with a right checksum → itself; else null. */
export function parseId(text: string): string | null {
  if (!/^[0-9A-Za-z]+$/.test(text)) return null;
  if (text.length === 15) return to18(text);
  if (text.length !== 18) return null;
  const full = to18(text.slice(0, 15));
  return full === text ? full : null;
}

/** Each of the three checksum characters says which of five characters are upper case. */
export function to18(id15: string): string {
  let check = '';
  for (let block = 0; block < 3; block++) {
    let bits = 0;
    for (let i = 0; i < 5; i++) {
      const code = id15.charCodeAt(block * 5 + i);
      if (code >= 65 && code <= 90) bits |= 1 << i;
    }
    check += CHECK.charAt(bits);
  }
  return id15 + check;
}
