/** Holds real answers against the OpenAPI document: every test that asks the API proves a part of it. */
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { closed } from './closed-schemas.ts';

export interface AnswerChecker {
  /** Throws where the document doesn't tell of the answer, or tells it differently. */
  check(request: { readonly method: string; readonly path: string }, response: Response): Promise<void>;
  /** The ids of the operations that did what they were asked. */
  readonly done: ReadonlySet<string>;
}

interface Operation {
  readonly operationId: string;
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, unknown>> }>>;
}

type Paths = Readonly<Record<string, Readonly<Record<string, Operation>>>>;

/** `document`: as `/api/v1/openapi.json` answers. */
export function answerChecker(document: unknown): AnswerChecker {
  const ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: true });
  addFormats.default(ajv);
  const known = closed(document) as { readonly paths: Paths };
  ajv.addSchema(known, 'api');
  const done = new Set<string>();
  return {
    done,
    async check({ method, path }, response) {
      // The frame refuses these before any route is asked.
      if ([401, 404, 405].includes(response.status) && (await isOfFrame(response))) return;
      const { template, operation } = find(known.paths, method, path);
      const type = response.headers.get('content-type')?.split(';')[0] ?? '';
      const place = `${operation.operationId} answered ${response.status} ${type}`;
      if (operation.responses[response.status]?.content?.[type] === undefined) {
        throw new Error(`${place}, which the document does not tell of`);
      }
      if (response.ok) done.add(operation.operationId);
      if (!type.endsWith('json')) return;
      const pointer = [
        'paths',
        template,
        method.toLowerCase(),
        'responses',
        String(response.status),
        'content',
      ];
      const validate = ajv.compile({ $ref: `api#${toPointer([...pointer, type, 'schema'])}` });
      hold(validate, await response.clone().json(), place);
    },
  };
}

function hold(validate: ValidateFunction, body: unknown, place: string): void {
  if (validate(body)) return;
  const problems = (validate.errors ?? []).map(({ instancePath, message, params }) => {
    return `${instancePath || 'body'} ${message} ${JSON.stringify(params)}`;
  });
  throw new Error(`${place}, not as the document says:\n  ${problems.join('\n  ')}`);
}

async function isOfFrame(response: Response): Promise<boolean> {
  const { code } = (await response.clone().json()) as { readonly code?: string };
  return ['unauthenticated', 'no-such-route', 'method-not-allowed'].includes(code ?? '');
}

/** Of two paths that fit, the one without a parameter counts, as in the router. */
function find(paths: Paths, method: string, path: string) {
  const asked = path.split('?', 1)[0] ?? '';
  const fits = (template: string) =>
    new RegExp(`^${template.replaceAll('.', '\\.').replaceAll(/{.+?}/g, '[^/]+')}$`).test(asked);
  const [template] = Object.keys(paths)
    .filter((each) => fits(each) && paths[each]?.[method.toLowerCase()] !== undefined)
    .sort((one, other) => one.split('{').length - other.split('{').length);
  const operation = template === undefined ? undefined : paths[template]?.[method.toLowerCase()];
  if (template === undefined || operation === undefined) {
    throw new Error(`${method} ${asked} answered, and the document does not tell of it`);
  }
  return { template, operation };
}

function toPointer(parts: readonly string[]): string {
  const escaped = parts.map((part) => part.replaceAll('~', '~0').replaceAll('/', '~1'));
  return escaped.map((part) => `/${encodeURIComponent(part)}`).join('');
}
