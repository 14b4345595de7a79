import { EbsFault, invalid } from './faults.ts';
import { type ActionModel, ebsModel } from './model.ts';
import type { EbsAction } from './types.ts';

export interface Route {
  readonly action: EbsAction;
  readonly model: ActionModel;
  /** The parts of the path, by member. */
  readonly labels: ReadonlyMap<string, string>;
}

/** Throws UnknownOperationException where no operation has such a path, MethodNotAllowedException where one has it. */
export function routeOf(method: string, path: string): Route {
  const matches = (Object.entries(ebsModel) as [EbsAction, ActionModel][]).flatMap(([action, model]) => {
    const labels = labelsOf(model.path, path);
    return labels === undefined ? [] : [{ action, model, labels }];
  });
  const route = matches.find(({ model }) => model.method === method);
  if (route !== undefined) return route;
  if (matches.length > 0) {
    throw new EbsFault('MethodNotAllowedException', `The method ${method} is not allowed on this path`);
  }
  throw new EbsFault('UnknownOperationException', 'No operation of EBS direct has this path');
}

function labelsOf(template: string, path: string): ReadonlyMap<string, string> | undefined {
  const wanted = template.split('/');
  const given = path.replace(/\/$/, '').split('/');
  if (wanted.length !== given.length) return undefined;
  const labels = new Map<string, string>();
  for (const [at, part] of wanted.entries()) {
    const value = given[at] ?? '';
    if (part.startsWith('{')) labels.set(part.slice(1, -1), decoded(value));
    else if (part !== value) return undefined;
  }
  return labels;
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw invalid('INVALID_PARAMETER_VALUE', 'The path is not encoded as a URL');
  }
}
