/** Writes docs/reference/rest-api.md: how the API behaves, and every operation from its OpenAPI document. */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { problems } from '../src/api/problem.ts';
import { openApiRig } from '../src/api/testing/api-rig.ts';
import { fieldRows, meaning, type Schema, typeOf } from './schema-rows.ts';

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly tags: readonly string[];
  readonly 'x-role': string;
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Content };
  readonly responses: Readonly<Record<string, { readonly description: string; readonly content?: Content }>>;
}

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
  readonly description?: string;
  readonly schema: Schema;
}

type Content = Readonly<Record<string, { readonly schema: Schema }>>;

interface Placed {
  readonly method: string;
  readonly path: string;
  readonly operation: Operation;
}

/** The page. */
export async function describeRestApi(): Promise<string> {
  const rig = await openApiRig({});
  const { body } = await rig.ask('/openapi.json');
  await rig.close();
  const { paths, components } = body as Document;
  const placed = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(
      ([method, operation]): Placed => ({ method: method.toUpperCase(), path, operation }),
    ),
  );
  const byTag = Map.groupBy(placed, ({ operation }) => operation.tags[0] ?? '');
  const tags = [...byTag].sort(([one], [other]) => (one < other ? -1 : 1));
  const schemas = Object.entries(components.schemas).sort(([one], [other]) => (one < other ? -1 : 1));
  return [
    introduction,
    '## Problems',
    '',
    '| code | status | |',
    '|---|---|---|',
    ...Object.entries(problems).map(([code, { status, title }]) => `| \`${code}\` | ${status} | ${title} |`),
    '',
    ...tags.flatMap(([tag, operations]) => [`## ${tag}`, '', ...operations.flatMap(operationSection)]),
    '## Schemas',
    '',
    ...schemas.flatMap(([name, schema]) => [`### ${name}`, '', ...fieldTable(schema)]),
  ].join('\n');
}

const introduction = `# The REST API

Written by \`node scripts/generate-rest-api.ts\` from the OpenAPI document, which a running server gives at
\`/api/v1/openapi.json\`; tests compare both with the routes, and hold real answers against it.

\`\`\`sh
eval "$(ingot env)"
curl --silent --header "authorization: Bearer $INGOT_TOKEN" "$INGOT_URL/api/v1/openapi.json" | head -c 100
\`\`\`

**Tokens.** Every request has one: \`authorization: Bearer …\`. That of the home is an admin's and stands in \`ingot env\`;
\`ingot token add NAME --role viewer\` makes others, and keeps only a digest of each. A *viewer* looks; an *operator*
builds, launches, shares and deletes; an *admin* also changes targets, gives tokens and reads the audit log. The role that
an operation needs stands beside it.

**Problems.** A refusal is \`application/problem+json\` (RFC 9457). Its \`code\` stays what it is; \`detail\` says what was
given, the rule and the way out; \`errors\` names each mistake by a JSON pointer into the body, or by its parameter.

**Request ids.** Every answer has \`X-Request-Id\`: the one that came with the request, or a new one. Problems, the
server's log and the audit log name it.

**Pages.** A list takes \`limit\` and answers with \`next_page_token\`, null at the end; \`page_token\` goes on from there.
A token says after which entry the next page begins, so that what comes and goes meanwhile shifts nothing. It counts for
the question that it was given to, and is refused when altered.

**Keys.** A POST with an \`Idempotency-Key\` of its caller's choice (a UUID, say) is done once. Asked again with the same
request, it is answered as the first time, with \`Idempotency-Replayed: true\`, for a day. With another request the key is
refused (\`key-reused\`), as it is while the first request runs (\`in-progress\`). A refusal did nothing, so its key can be
tried again. Where the server ended between, nothing is repeated and nothing is claimed (\`outcome-unknown\`). Answers that
hold a secret are not kept: asked again, it is only said that it was done (\`answer-withheld\`).

**The audit log** has a row for everything but looking: who, with which role, what, on which path, the plain fields of the
body, the ids in the answer, and the status; also what was tried without the role for it. The row is written before the
work begins. \`ingot audit\` shows it; rows are kept for 400 days. Secrets, passwords, tokens, parameters and tags are left
out. Changes at the admin door (\`/admin/v1\`) are in it, too; calls of the EC2 API are not.
`;

function operationSection({ method, path, operation }: Placed): readonly string[] {
  const { operationId, summary, requestBody, responses } = operation;
  const parameters = (operation.parameters ?? []).filter(({ name }) => name !== 'Idempotency-Key');
  const body = Object.values(requestBody?.content ?? {})[0]?.schema;
  const rows = [
    ...parameters.map((each) => ({
      name: `${each.name}${each.required ? '' : '?'} (${each.in})`,
      type: typeOf(each.schema),
      description: meaning({ description: each.description ?? '', ...each.schema }),
    })),
    ...(body === undefined || body.$ref !== undefined ? [] : fieldRows(body)),
  ];
  const answers = Object.entries(responses)
    .filter(([status]) => Number(status) < 300)
    .map(([status, { description, content = {} }]) => `${status}: ${description}${answerType(content)}`);
  return [
    `### ${method} ${path}`,
    '',
    `${summary}. \`${operationId}\`, for ${operation['x-role'] === 'viewer' ? 'a viewer' : `an ${operation['x-role']}`}.`,
    '',
    ...(body?.$ref === undefined ? [] : [`Body: ${typeOf(body)}.`, '']),
    ...table(rows),
    ...answers.map((answer) => `- ${answer}`),
    ...answerRows(responses),
  ];
}

function answerType(content: Content): string {
  return Object.entries(content)
    .map(([type, { schema }]) => (schema.$ref === undefined ? ` (\`${type}\`)` : `: ${typeOf(schema)}`))
    .join(', ');
}

/** The fields of an answer that has no name. */
function answerRows(responses: Operation['responses']): readonly string[] {
  const schemas = Object.entries(responses)
    .filter(([status]) => Number(status) < 300)
    .flatMap(([, { content = {} }]) => Object.values(content).map(({ schema }) => schema));
  const rows = schemas.filter(({ $ref }) => $ref === undefined).flatMap((schema) => fieldRows(schema));
  return rows.length === 0 ? [''] : ['', ...table(rows)];
}

function fieldTable(schema: Schema): readonly string[] {
  const rows = fieldRows(schema);
  return rows.length === 0 ? [typeOf(schema), ''] : table(rows);
}

function table(
  rows: readonly { readonly name: string; readonly type: string; readonly description: string }[],
): readonly string[] {
  if (rows.length === 0) return [];
  const lines = rows.map(({ name, type, description }) => `| \`${name}\` | ${type} | ${cell(description)} |`);
  return ['| | | |', '|---|---|---|', ...lines, ''];
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('<', '&lt;').replaceAll('\n', ' ');
}

if (import.meta.main) {
  const page = fileURLToPath(new URL('../docs/reference/rest-api.md', import.meta.url));
  writeFileSync(page, await describeRestApi());
}
