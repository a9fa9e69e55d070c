import { loadMapping } from '../../connectors/files/mapping.ts';
import { Mapping as HubSpot } from '../../connectors/hubspot/mapping.ts';
import { Mapping as Salesforce } from '../../connectors/salesforce/mapping.ts';
import { InputError } from '../../src/contract/errors.ts';
import { MatchRules } from '../../src/core/match.ts';
import { Playbook } from '../../src/core/playbook.ts';
import { Triggers } from '../../src/core/tasks.ts';
import { loadModel } from '../../src/kit/model-file.ts';
import { loadYaml } from '../../src/kit/yaml.ts';

const LOAD: Record<string, (path: string) => unknown> = {
  model: loadModel,
  salesforce: (path) => loadYaml(path, Salesforce),
  hubspot: (path) => loadYaml(path, HubSpot),
  files: loadMapping,
  match: (path) => loadYaml(path, MatchRules),
  playbook: (path) => loadYaml(path, Playbook),
  triggers: (path) => loadYaml(path, Triggers),
};

/** Folder of test/mappings/{valid,invalid} → what the product's own loader says of a file, as "line 14: path: text"; empty = it loads. */
export const loaders: Record<string, (path: string) => string[]> = Object.fromEntries(
  Object.entries(LOAD).map(([kind, load]) => [
    kind,
    (path) => {
      try {
        load(path);
        return [];
      } catch (error) {
        if (!(error instanceof InputError)) throw error;
        return error.problems.map((problem) => problem.slice(path.length + 1).replace(/^(\d+):\d+/, 'line $1'));
      }
    },
  ]),
);
