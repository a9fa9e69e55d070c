/**
 * Content hashes without node:crypto, so that core runs anywhere. They tell versions apart; they are no protection against a
 * person who wants a collision.
 */

/** 128 bits as 32 hex digits: four multiply-xor lanes over the UTF-16 code units, finished as in MurmurHash3. */
export function hashText(text: string): string {
  let a = 0x9e3779b9;
  let b = 0x243f6a88;
  let c = 0xb7e15162;
  let d = 0xdeadbeef;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    a = b ^ Math.imul(a ^ unit, 597399067);
    b = c ^ Math.imul(b ^ unit, 2869860233);
    c = d ^ Math.imul(c ^ unit, 951274213);
    d = a ^ Math.imul(d ^ unit, 2716044179);
  }
  a ^= text.length;
  const mixed = [a ^ b ^ c ^ d, b ^ a, c ^ a, d ^ a];
  return mixed.map((lane, i) => finish(lane + Math.imul(i, 0x61c88647))).join('');
}

function finish(lane: number): string {
  let h = lane | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return ((h ^ (h >>> 16)) >>> 0).toString(16).padStart(8, '0');
}

/** Equal for values that are equal as JSON, whatever the order of their keys. */
export function hashOf(value: unknown): string {
  return hashText(canonical(value));
}

/** JSON with sorted keys; undefined members are left out. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const members = Object.entries(value)
    .filter(([, v]) => v !== undefined)
    .sort(([x], [y]) => (x < y ? -1 : 1))
    .map(([k, v]) => `${JSON.stringify(k)}:${canonical(v)}`);
  return `{${members.join(',')}}`;
}
