/** What is asked, and the signed requests that ask it, as the official SDK sends them. */
import { type DescribeImagesRequest, type DescribeImagesResult, EC2 } from '@aws-sdk/client-ec2';

export const standing = { name: 'web', team: 'platform' } as const;
/** Of all images these are named `web-…` and have the tag, however many there are. */
export const standOut = 10;
const pageSize = 100;

export const questions = [
  { name: 'by id', what: 'one image by its id.' },
  { name: 'by name', what: `the filter name=${standing.name}-*, which ${standOut} images match.` },
  { name: 'by tag', what: `the filter tag:team=${standing.team}, which ${standOut} images match.` },
  {
    name: 'paged',
    what: `Owners=self and MaxResults=${pageSize}, page after page in turn (at most the first 20 pages).`,
  },
] as const;

export type Question = (typeof questions)[number];

export interface SignedRequest {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** For each question the requests that are sent in turn. */
export async function capturedRequests(
  ec2: EC2,
): Promise<Readonly<Record<Question['name'], readonly SignedRequest[]>>> {
  const named = { Filters: [{ Name: 'name', Values: [`${standing.name}-*`] }] };
  const { Images: [first] = [] } = await ec2.describeImages(named);
  const capture = (input: DescribeImagesRequest) => captureRequest(ec2, input);
  return {
    'by id': [await capture({ ImageIds: [first?.ImageId ?? ''] })],
    'by name': [await capture(named)],
    'by tag': [await capture({ Filters: [{ Name: 'tag:team', Values: [standing.team] }] })],
    paged: await Promise.all((await pages(ec2)).map(capture)),
  };
}

async function pages(ec2: EC2): Promise<readonly DescribeImagesRequest[]> {
  const asked: DescribeImagesRequest[] = [];
  let next: DescribeImagesRequest | undefined = { Owners: ['self'], MaxResults: pageSize };
  while (next !== undefined && asked.length < 20) {
    asked.push(next);
    const answer: DescribeImagesResult = await ec2.describeImages(next);
    next = answer.NextToken ? { ...next, NextToken: answer.NextToken } : undefined;
  }
  return asked;
}

class Captured extends Error {}

/** Lets the SDK build and sign the call, and keeps it from sending it. */
async function captureRequest(ec2: EC2, input: DescribeImagesRequest): Promise<SignedRequest> {
  const { region, endpoint, credentials } = ec2.config;
  const { promise, resolve } = Promise.withResolvers<SignedRequest>();
  const { protocol, hostname, port } = (await endpoint?.()) ?? { protocol: 'http:', hostname: '', port: 0 };
  const url = new URL(`${protocol}//${hostname}:${port}/`);
  const client = new EC2({
    region,
    credentials,
    endpoint: url.href,
    maxAttempts: 1,
    requestHandler: {
      handle: async ({ headers, body }: { headers: Record<string, string>; body: unknown }) => {
        resolve({ url, headers, body: String(body) });
        throw new Captured();
      },
    },
  });
  await client.describeImages(input).catch((error: unknown) => {
    if (!(error instanceof Captured)) throw error;
  });
  return await promise;
}
