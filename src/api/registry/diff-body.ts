import { z } from '@hono/zod-openapi';
import type { Change, VersionDiff } from '../../factory/registry/diff-versions.ts';

const side = z.object({
  template: z.string(),
  version: z.string(),
  region: z.string(),
  architecture: z.string(),
  target: z.string(),
  ami_id: z.string(),
});
const installed = z.object({ name: z.string(), version: z.string(), architecture: z.string() });
const numbers = z.object({ from: z.number().nullable(), to: z.number().nullable() });
const texts = z.object({ from: z.string().nullable(), to: z.string().nullable() });

export const diffSchema = z
  .object({
    from: side,
    to: side,
    packages: z
      .object({
        added: z.array(installed),
        removed: z.array(installed),
        changed: z.array(
          z.object({ name: z.string(), architecture: z.string(), from: z.string(), to: z.string() }),
        ),
        unchanged: z.number(),
      })
      .nullable()
      .describe('None where one of the two carries no list of packages'),
    size_gb: numbers,
    boot_seconds: numbers,
    ssh_seconds: numbers,
    base: texts,
    template_changed: z.boolean().nullable(),
    steps: z.array(
      z.object({
        name: z.string(),
        status: z.enum(['added', 'removed', 'changed', 'same']),
        duration_seconds: numbers,
      }),
    ),
    checks: z.array(z.object({ name: z.string(), from: z.string().nullable(), to: z.string().nullable() })),
  })
  .openapi('VersionDiff');

export function toDiffBody(diff: VersionDiff): z.output<typeof diffSchema> {
  const { packages, figures } = diff;
  return {
    from: toSide(diff.from),
    to: toSide(diff.to),
    packages:
      packages === undefined
        ? null
        : {
            added: [...packages.added],
            removed: [...packages.removed],
            changed: [...packages.changed],
            unchanged: packages.unchanged,
          },
    size_gb: orNull(figures.sizeGiB),
    boot_seconds: seconds(figures.bootMs),
    ssh_seconds: seconds(figures.sshMs),
    base: orNull(diff.base),
    template_changed: diff.templateChanged ?? null,
    steps: diff.steps.map(({ name, status, durationMs }) => {
      return { name, status, duration_seconds: seconds(durationMs) };
    }),
    checks: diff.checks.map(({ name, status }) => ({ name, ...orNull(status) })),
  };
}

function toSide({ imageId, ...side }: VersionDiff['from']) {
  return { ...side, ami_id: imageId };
}

function orNull<T>({ from, to }: Change<T | undefined>): { from: T | null; to: T | null } {
  return { from: from ?? null, to: to ?? null };
}

function seconds({ from, to }: Change<number | undefined>) {
  return orNull({
    from: from === undefined ? undefined : from / 1000,
    to: to === undefined ? undefined : to / 1000,
  });
}
