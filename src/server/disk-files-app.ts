/** Images from and to disk files of the node's machine, over the admin door. */
import { Hono } from 'hono';
import { z } from 'zod';
import type { DiskFileDoor } from '../cloud/imports/disk-file-door.ts';
import type { AccountId, SnapshotId } from '../platform/ids.ts';
import { body } from './json-body.ts';

const file = z.string().startsWith('/', 'must be an absolute path on the server');
const format = z.enum(['raw', 'qcow2', 'vmdk', 'vpc', 'vhdx']);
const accountId = z.string().regex(/^\d{12}$/, 'must be an account of 12 digits');

const inspectSchema = z.strictObject({ file, format: format.optional() });

const importSchema = z.strictObject({
  accountId,
  region: z.string(),
  file,
  format,
  name: z.string().min(3).max(128),
  description: z.string().max(255).optional(),
  architecture: z.enum(['x86_64', 'arm64']),
  firmware: z.enum(['bios', 'uefi']),
  sshUser: z.string().min(1).max(32).optional(),
});

const exportSchema = z.strictObject({
  accountId,
  region: z.string(),
  imageId: z.string(),
  deviceName: z.string().optional(),
  file,
  format,
  overwrite: z.boolean(),
});

export function diskFilesApp(door: DiskFileDoor) {
  return new Hono()
    .post('/inspect', body(inspectSchema), async (c) => {
      const { format: given, file: path } = c.req.valid('json');
      return c.json(await door.inspect({ file: path, ...(given === undefined ? {} : { format: given }) }));
    })
    .post('/imports', body(importSchema), async (c) => {
      const image = c.req.valid('json');
      return c.json({
        snapshotId: await door.importImage({ ...image, accountId: image.accountId as AccountId }),
      });
    })
    .get('/imports/:snapshotId', async (c) => {
      return c.json(await door.importStatus(c.req.param('snapshotId') as SnapshotId));
    })
    .post('/exports', body(exportSchema), async (c) => {
      const image = c.req.valid('json');
      return c.json(await door.exportImage({ ...image, accountId: image.accountId as AccountId }));
    });
}
