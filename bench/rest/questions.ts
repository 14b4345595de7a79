/** What is asked of the REST API, as its clients ask it. */
import { apiClient, replied } from '../../src/cli/api-client.ts';
import type { Context } from '../../src/cli/context.ts';
import type { ReadyRequest } from '../describe-images/load.ts';
import { standing } from '../describe-images/questions.ts';

const pageSize = 100;
const mostPages = 20;

export const questions = [
  { name: 'list, first page', what: `\`GET /api/v1/ami/list?limit=${pageSize}\`.` },
  { name: 'list, paged', what: `page after page of ${pageSize} in turn (at most the first ${mostPages}).` },
  { name: 'list by tag', what: `\`tags=team=${standing.team}\`, which few images match, in one region.` },
  { name: 'status', what: '`GET /api/v1/ami/status/{creation_id}` of a creation that is completed.' },
  { name: 'status by image', what: 'the same by the id of its image.' },
] as const;

export type Question = (typeof questions)[number]['name'];

export interface CreationIds {
  readonly creationId: string;
  readonly imageId: string;
}

/** For each question the requests that are sent in turn. */
export async function restRequests(
  context: Context,
  { creationId, imageId }: CreationIds,
): Promise<Readonly<Record<Question, readonly ReadyRequest[]>>> {
  const get = (path: string, query: Readonly<Record<string, string>> = {}): ReadyRequest => {
    const url = new URL(`/api/v1/ami/${path}`, context.url);
    for (const [key, value] of Object.entries(query)) url.searchParams.set(key, value);
    return { method: 'GET', url, headers: { authorization: `Bearer ${context.token}` } };
  };
  const limit = String(pageSize);
  const tokens = await pageTokens(context, limit);
  return {
    'list, first page': [get('list', { limit })],
    'list, paged': [
      get('list', { limit }),
      ...tokens.map((page_token) => get('list', { limit, page_token })),
    ],
    'list by tag': [get('list', { limit, region: context.region, tags: `team=${standing.team}` })],
    status: [get(`status/${creationId}`)],
    'status by image': [get(`status/${imageId}`)],
  };
}

async function pageTokens(context: Context, limit: string): Promise<readonly string[]> {
  const tokens: string[] = [];
  const { ami } = apiClient(context);
  while (tokens.length < mostPages - 1) {
    const last = tokens.at(-1);
    const query = { limit, ...(last === undefined ? {} : { page_token: last }) };
    const { next_page_token: next } = await replied(ami.list.$get({ query }), context.url);
    if (next === null) break;
    tokens.push(next);
  }
  return tokens;
}
