import type { ConditionWithValueQuery, WhereClause } from '@jetstreamapp/soql-parser-js';
import { malformed } from './soql-names.ts';

export type Tree =
  | { is: 'leaf'; condition: ConditionWithValueQuery }
  | { is: 'not'; of: Tree }
  | { is: 'and' | 'or'; of: Tree[] };

type Token = '(' | ')' | 'NOT' | 'AND' | 'OR' | ConditionWithValueQuery;

/**
 * The parser gives conditions as a list with counted parentheses; this is the tree that they mean.
 * AND and OR may not be mixed without parentheses.
 */
export function treeOf(clause: WhereClause): Tree {
  const tokens = tokensOf(clause);
  let at = 0;
  const level = (): Tree => {
    const first = unit();
    const of = [first];
    let operator: Token | undefined;
    for (let next = tokens[at]; next === 'AND' || next === 'OR'; next = tokens[at]) {
      if (operator !== undefined && operator !== next) throw malformed(`unexpected token: '${next}'`);
      operator = next;
      at += 1;
      of.push(unit());
    }
    if (operator === undefined) return first;
    return { is: operator === 'AND' ? 'and' : 'or', of };
  };
  const unit = (): Tree => {
    const token = tokens[at++];
    if (token === 'NOT') return { is: 'not', of: unit() };
    if (token === '(') {
      const inner = level();
      if (tokens[at++] !== ')') throw malformed('expecting a right parentheses');
      return inner;
    }
    if (token === undefined || typeof token === 'string') throw malformed(`unexpected token: '${token ?? 'end'}'`);
    return { is: 'leaf', condition: token };
  };
  const tree = level();
  if (at < tokens.length) throw malformed(`unexpected token: '${String(tokens[at])}'`);
  return tree;
}

function tokensOf(clause: WhereClause): Token[] {
  const tokens: Token[] = [];
  const repeat = (token: Token, n: number | undefined): void => {
    for (let i = 0; i < (n ?? 0); i++) tokens.push(token);
  };
  for (let node: WhereClause | undefined = clause; node; node = 'right' in node ? node.right : undefined) {
    const { left } = node;
    if (left === null || !('operator' in left)) {
      repeat('(', left?.openParen);
      tokens.push('NOT');
      continue;
    }
    repeat('(', left.openParen);
    tokens.push(left);
    repeat(')', left.closeParen);
    if ('operator' in node) tokens.push(node.operator);
  }
  return tokens;
}

/**
 * `F > v OR (F = v AND …)` implies `F >= v`. Saying so lets the store seek to a keyset's start instead of reading
 * everything before it.
 */
export function impliedBound(tree: Tree): ConditionWithValueQuery | null {
  if (tree.is !== 'or') return null;
  const [first, second] = tree.of;
  if (tree.of.length !== 2 || first?.is !== 'leaf' || second?.is !== 'and') return null;
  const start = first.condition;
  if (!('field' in start) || start.operator !== '>') return null;
  const same = second.of.some((t) => {
    if (t.is !== 'leaf' || !('field' in t.condition) || !('value' in t.condition) || !('value' in start)) return false;
    return t.condition.field === start.field && t.condition.operator === '=' && t.condition.value === start.value;
  });
  return same ? { ...start, operator: '>=' } : null;
}
