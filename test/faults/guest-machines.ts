/** The small test image in a home whose server can be killed. */
import type { EC2 } from '@aws-sdk/client-ec2';
import { openForShell } from '../system/cloud-guests.ts';
import { tinyBase } from '../system/node-guest-kit.ts';
import { addBaseFile } from './blank-machines.ts';
import type { ServerHome } from './killable-server.ts';

/** Registers it and lets this host in by SSH; answers the image's id. */
export async function addTinyBase(home: ServerHome, ec2: EC2): Promise<string> {
  const imageId = await addBaseFile(home, 'tiny', await tinyBase());
  await openForShell(ec2);
  return imageId;
}
