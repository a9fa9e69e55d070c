import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { Mapping as Exports } from '../../connectors/files/mapping.ts';
import { Mapping as HubSpot } from '../../connectors/hubspot/mapping.ts';
import { Mapping as Salesforce } from '../../connectors/salesforce/mapping.ts';
import { MatchRules } from '../../src/core/match.ts';
import { Model } from '../../src/core/model.ts';
import { Playbook } from '../../src/core/playbook.ts';
import { Triggers } from '../../src/core/tasks.ts';

/**
 * JSON Schemas of the YAML files that people write, for editors. What a schema cannot say (which names go with which kind, what adds up)
 * is said by the loader. Run this file to write them: `node test/mappings/schemas.ts`.
 */
export const COMMAND = 'node test/mappings/schemas.ts';
export const FOLDER = fileURLToPath(new URL('../../mappings/schema/', import.meta.url));

const FILES: Record<string, { title: string; schema: z.ZodType }> = {
  model: { title: 'A scoring model', schema: Model },
  salesforce: { title: 'Which fields of a Salesforce org mean what', schema: Salesforce },
  hubspot: { title: 'Which properties of a HubSpot portal mean what', schema: HubSpot },
  files: { title: 'Which columns of exported files mean what', schema: Exports },
  match: { title: 'How accounts of other systems find theirs', schema: MatchRules },
  playbook: { title: 'Which action is advised when', schema: Playbook },
  triggers: { title: 'When a manager gets a task', schema: Triggers },
};

/** File name → its text. */
export function schemaFiles(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(FILES).map(([name, { title, schema }]) => {
      // Parts that come back for every kind of fact are written once; elsewhere editors show more where nothing is referred to.
      const reused = name === 'files' ? 'ref' : 'inline';
      const { $schema, ...rest } = z.toJSONSchema(schema, { io: 'input', target: 'draft-7', reused });
      return [`${name}.schema.json`, `${JSON.stringify({ $schema, title, ...rest }, null, 2)}\n`];
    }),
  );
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  for (const [name, text] of Object.entries(schemaFiles())) writeFileSync(`${FOLDER}${name}`, text);
