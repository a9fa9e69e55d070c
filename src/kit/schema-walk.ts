import type { z } from 'zod';

/** The parts of a zod definition that lead to other schemas. https://zod.dev/packages/core#internals */
interface Def {
  type: string;
  shape?: Record<string, z.core.$ZodType>;
  element?: z.core.$ZodType;
  valueType?: z.core.$ZodType;
  items?: z.core.$ZodType[];
  options?: z.core.$ZodType[];
  innerType?: z.core.$ZodType;
  getter?: () => z.core.$ZodType;
  in?: z.core.$ZodType;
  left?: z.core.$ZodType;
  right?: z.core.$ZodType;
  values?: unknown[];
}
const defOf = (schema: z.core.$ZodType): Def => schema._zod.def as Def;

/** The schemas behind wrappers (optional, default, nullable, lazy, pipe, …): several where there is a union or intersection. */
export function unwrap(schema: z.core.$ZodType): z.core.$ZodType[] {
  const def = defOf(schema);
  if (def.type === 'union') return (def.options ?? []).flatMap(unwrap);
  if (def.type === 'intersection') return [def.left, def.right].flatMap((s) => (s ? unwrap(s) : []));
  const inner = def.getter?.() ?? def.innerType ?? (def.type === 'pipe' ? def.in : undefined);
  return inner ? unwrap(inner) : [schema];
}

/** The options of the union at the end of wrappers; empty where there is none. In the order of a union issue's `errors`. */
export function unionOptions(schema: z.core.$ZodType): z.core.$ZodType[] {
  const def = defOf(schema);
  if (def.type === 'union') return def.options ?? [];
  const inner = def.getter?.() ?? def.innerType ?? (def.type === 'pipe' ? def.in : undefined);
  return inner ? unionOptions(inner) : [];
}

function step(schema: z.core.$ZodType, key: PropertyKey): z.core.$ZodType[] {
  const def = defOf(schema);
  if (def.shape) {
    const child = def.shape[String(key)];
    return child ? [child] : [];
  }
  if (def.items && typeof key === 'number') return def.items[key] ? [def.items[key]] : [];
  const child = def.element ?? def.valueType;
  return child ? [child] : [];
}

/** Every schema that may stand at `path`; unions are narrowed by the literals (type: 'x') that the value itself names. */
export function schemasAt(root: z.core.$ZodType, path: readonly PropertyKey[], value: unknown): z.core.$ZodType[] {
  let schemas: z.core.$ZodType[] = [root];
  let here = value;
  for (const key of path) {
    schemas = narrow(schemas.flatMap(unwrap), here).flatMap((s) => step(s, key));
    here = childOf(here, key);
  }
  return schemas;
}

/** Keys that a mapping at `path` may have; empty where it takes none or any. */
export function keysAt(root: z.core.$ZodType, path: readonly PropertyKey[], value: unknown): string[] {
  const here = path.reduce<unknown>(childOf, value);
  const objects = narrow(schemasAt(root, path, value).flatMap(unwrap), here);
  return [...new Set(objects.flatMap((s) => Object.keys(defOf(s).shape ?? {})))];
}

/** Of several mappings keeps those whose literals the value names, and of these the ones that know most of its keys. */
function narrow(schemas: z.core.$ZodType[], value: unknown): z.core.$ZodType[] {
  if (schemas.length < 2) return schemas;
  const named = schemas.filter((schema) =>
    Object.entries(defOf(schema).shape ?? {}).every(([key, child]) => {
      const literals = unwrap(child).map((s) => (defOf(s).type === 'literal' ? defOf(s).values : undefined));
      const found = childOf(value, key);
      return found === undefined || literals.includes(undefined) || literals.some((values) => values?.includes(found));
    }),
  );
  const left = named.length > 0 ? named : schemas;
  const known = (schema: z.core.$ZodType): number =>
    Object.keys(defOf(schema).shape ?? {}).filter((key) => childOf(value, key) !== undefined).length;
  const most = Math.max(...left.map(known));
  return left.filter((schema) => known(schema) === most);
}

export function childOf(value: unknown, key: PropertyKey): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
  return (value as Record<PropertyKey, unknown>)[key];
}
