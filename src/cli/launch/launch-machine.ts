/** From a name to a machine, through the server: chooses or makes the image, brings this home's key, launches one. */
import { apiClient, replied } from '../api-client.ts';
import type { Context } from '../context.ts';
import type { Openings } from '../ec2/access.ts';
import { type Machine, refreshMachine } from '../ec2/find-instance.ts';
import { homeKey } from '../ssh/key.ts';
import type { Stages } from '../stages.ts';
import { bringImage } from './bring-image.ts';
import { chooseImage, type ImageQuestion, requireImage } from './choose-image.ts';

export interface LaunchRequest {
  /** What `ingot launch` takes: a template, an alias, an id or a name. */
  readonly image: string;
  readonly name: string;
  readonly region: string;
  readonly target?: string;
  readonly architecture?: ImageQuestion['architecture'] | undefined;
  readonly size?: string | undefined;
  readonly diskGiB?: number | undefined;
  readonly userData?: Uint8Array | undefined;
  readonly openings: Openings;
}

export function questionOf(request: LaunchRequest): ImageQuestion {
  const { image: name, target = 'local', region, architecture, size } = request;
  return {
    ...{ name, target, region, from: process.cwd() },
    ...(architecture === undefined ? {} : { architecture }),
    ...(size === undefined ? {} : { size }),
  };
}

/** On the server's own cloud. */
export async function launchMachine(
  context: Context,
  request: LaunchRequest,
  stages: Stages,
): Promise<Machine> {
  const { instance_id: id } = await startMachine(context, request, stages);
  return await refreshMachine(context, { id, region: request.region });
}

/** On any target. */
export async function startMachine(context: Context, request: LaunchRequest, stages: Stages) {
  const question = questionOf(request);
  const preview = await chooseImage(context, question, stages, { build: true });
  requireImage(question, preview);
  const brought = await bringImage(context, question, preview, stages);
  const { publicKey } = await homeKey(context.home);
  const { diskGiB, userData, openings, name } = request;
  const json = {
    ...question,
    name: brought,
    ...{ machine_name: name, public_key: publicKey, ports: [...openings.ports], source: openings.source },
    ...(diskGiB === undefined ? {} : { disk_gb: diskGiB }),
    ...(userData === undefined ? {} : { user_data: Buffer.from(userData).toString('base64') }),
  };
  return await stages.run(
    `Launching ${name}`,
    () => replied(apiClient(context).launches.$post({ json }), context.url),
    (launched) => launched.instance_id,
  );
}
