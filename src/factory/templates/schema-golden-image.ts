/** The YAML of `golden_image`: the image that a deployment leaves behind once it is ready. */
import { z } from 'zod';
import { duration, regionName } from './schema-parts.ts';

const tagKey = z
  .string()
  .min(1)
  .max(128)
  .refine((key) => !/^(aws|ingot):/i.test(key), '`aws:` and `ingot:` tags are not yours to set');

const tags = z.strictObject({
  prefix: z
    .string()
    .max(64)
    .optional()
    .describe('Before `Version` and `DeploymentMode` in the names of the tags; none unless told.'),
  version: tagKey.optional().describe('The tag that holds the version, in place of prefix and `Version`.'),
  mode: tagKey.optional().describe('The tag that holds the mode, in place of prefix and `DeploymentMode`.'),
  managed_by: z
    .string()
    .min(1)
    .max(256)
    .optional()
    .describe('What the tag `ManagedBy` says; `Ingot` unless told.'),
});

export const goldenImage = z
  .union(
    [
      z.boolean(),
      z.strictObject({
        delay: duration.optional().describe('Between ready and the image; 30s unless told.'),
        attempts: z.int().min(1).max(10).optional().describe('How often it is tried; 3 unless told.'),
        name: z
          .string()
          .min(3)
          .max(128)
          .regex(/\{time\}/, 'must hold {time}, since EC2 takes an image name only once')
          .optional()
          .describe('`{app}-golden-{version}-{time}` unless told; `{mode}` may stand in it too.'),
        regions: z
          .array(regionName)
          .optional()
          .describe("Where it is copied to; all of the target's regions unless told."),
        use: z
          .enum(['matching', 'tagged', 'never'])
          .optional()
          .describe(
            'Which image a later deployment starts from: one of the same inputs (the default), also one of the same ' +
              'version that others made, or none.',
          ),
        max_age: duration
          .optional()
          .describe('An older image is not started from; any age will do unless told.'),
        tags: tags.optional().describe('The names of its tags, as those of a fleet that exists already.'),
      }),
    ],
    'must be true, false, or a map',
  )
  .describe('`true`: a deployment that is ready leaves an image behind, from which the next one starts.');
