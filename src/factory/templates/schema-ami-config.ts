/** `ami_config`: how a launch finds a template's image. */
import { z } from 'zod';
import { architecture, duration, perRegionAndArchitecture, scalarText } from './schema-parts.ts';

const imageId = z.string().regex(/^ami-[0-9a-z]+$/, 'must be an image id, such as ami-0123456789abcdef0');

const images = perRegionAndArchitecture(imageId);

export const amiConfig = z.strictObject({
  amis: images
    .optional()
    .describe('Image ids by region and architecture; `update-templates` and `save` write them.'),
  ami_mappings: images.optional().describe('The same as `amis`, by its older name.'),
  strategy: z
    .enum(['ami_preferred', 'ami_required', 'ami_fallback'])
    .optional()
    .describe('Whether a launch may do without an image.'),
  ami_search: z
    .strictObject({
      owner: scalarText.optional(),
      name_pattern: z.string().optional(),
      version_tag: z.string().optional(),
      architecture: z.union([architecture.transform((one) => [one]), z.array(architecture)]).optional(),
      min_creation_date: z.string().optional(),
      required_tags: z.record(z.string(), scalarText).optional(),
    })
    .optional()
    .describe('Which images to look for.'),
  marketplace_search: z
    .strictObject({
      product_code: z.string().optional(),
      version_constraint: z.string().optional(),
      publisher: z.string().optional(),
    })
    .optional()
    .describe('Which marketplace images to look for.'),
  fallback_strategy: z
    .enum(['script_provisioning', 'error', 'cross_region'])
    .optional()
    .describe('What to do where there is no image.'),
  fallback_timeout: duration.optional(),
  preferred_architecture: architecture.optional(),
  instance_family_preference: z.array(z.string()).optional(),
  instance_types: perRegionAndArchitecture(z.string()).optional().describe('By region and architecture.'),
  user_data_script: z.string().optional().describe('User data of machines launched from the template.'),
  ssh_user: z.string().optional().describe("The base image's unless told."),
});
