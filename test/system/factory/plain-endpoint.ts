/**
 * The built-in cloud as an EC2 that knows nothing of Ingot: what the cloud itself writes into tags is out of sight, a
 * name pattern is all that base images go by, CreateImage tags no snapshots and CopyImage tags nothing.
 */
import { createServer, type IncomingMessage } from 'node:http';
import type { EC2 } from '@aws-sdk/client-ec2';
import { SignatureV4 } from '@smithy/signature-v4';
import { type Listening, listen } from '../../kit/listen.ts';

export interface PlainEndpoint extends Listening {
  /** Of the actions that were asked for. */
  readonly actions: ReadonlySet<string>;
}

/** `client` is one of the cloud behind: requests are signed anew as its. */
export async function plainEndpoint(behind: string, client: EC2): Promise<PlainEndpoint> {
  const actions = new Set<string>();
  const server = createServer(async (incoming, outgoing) => {
    const form = new URLSearchParams(await textOf(incoming));
    const action = form.get('Action') ?? '';
    actions.add(action);
    const tagsSnapshots = [...form].some(
      ([key, value]) => key.endsWith('.ResourceType') && value === 'snapshot',
    );
    if (action === 'CreateImage' && tagsSnapshots) {
      outgoing.writeHead(400, { 'content-type': 'text/xml' });
      outgoing.end(
        '<Response><Errors><Error><Code>InvalidParameterValue</Code><Message>Not tagged here</Message></Error></Errors><RequestID>r</RequestID></Response>',
      );
      return;
    }
    const passed = [...form].filter(([key]) => action !== 'CopyImage' || !key.startsWith('TagSpecification'));
    const body = new URLSearchParams(passed).toString().replaceAll('ingot%3A', 'plain%3A');
    const answer = await fetch(behind, { method: 'POST', ...(await signed(behind, body, incoming, client)) });
    outgoing.writeHead(answer.status, { 'content-type': 'text/xml' });
    outgoing.end(withoutIngot(await answer.text()));
  });
  return { ...(await listen(server)), actions };
}

/** The caller's own tags come back as it named them; the cloud's go. */
function withoutIngot(xml: string): string {
  return xml
    .replace(/<item>\s*<key>ingot:[^<]*<\/key>\s*<value>[^<]*<\/value>\s*<\/item>/g, '')
    .replaceAll('<key>plain:', '<key>ingot:');
}

/** Of the service and the region that the caller signed for. */
async function signed(behind: string, body: string, { headers }: IncomingMessage, { config }: EC2) {
  const [, , region = '', service = ''] =
    /Credential=([^,]*)/.exec(headers.authorization ?? '')?.[1]?.split('/') ?? [];
  const { hostname, port, host } = new URL(behind);
  const signer = new SignatureV4({ credentials: config.credentials, region, service, sha256: config.sha256 });
  const request = await signer.sign({
    method: 'POST',
    protocol: 'http:',
    hostname,
    port: Number(port),
    path: '/',
    headers: { host, 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' },
    body,
  });
  return { headers: request.headers, body };
}

async function textOf(incoming: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of incoming) text += chunk;
  return text;
}
