/**
 * A version's bill of materials: CycloneDX 1.6, JSON. The same version gives the same bytes, whenever it is asked.
 * The library is loaded when it is needed.
 */
import { createHash } from 'node:crypto';
import { FactoryError } from '../../factory-error.ts';
import type { GuestPackages, TemplateVersion } from '../version.ts';
import { packageUrl } from './package-url.ts';

export const cycloneDxVersion = '1.6';

/** Throws where the version carries no list of packages. */
export async function sbomOf(version: TemplateVersion, ingotVersion: string): Promise<string> {
  const { packages } = version;
  if (packages === undefined) {
    throw new FactoryError(
      'not-found',
      `${version.template}@${version.version} (${version.imageId}) carries no list of its packages`,
    );
  }
  const { Models, Enums, Serialize, Spec } = await import('@cyclonedx/cyclonedx-library');
  const { Component, Property } = Models;
  const image = new Component(Enums.ComponentType.OperatingSystem, version.template, {
    version: version.version,
    bomRef: version.imageId,
    properties: new Models.PropertyRepository(
      facts(version).map(([name, value]) => new Property(`ingot:${name}`, value)),
    ),
  });
  const bom = new Models.Bom({
    serialNumber: serialNumber(version),
    metadata: new Models.Metadata({
      timestamp: new Date(version.createdAt),
      component: image,
      tools: new Models.Tools({
        components: new Models.ComponentRepository([
          new Component(Enums.ComponentType.Application, 'ingot', { version: ingotVersion }),
        ]),
      }),
    }),
  });
  for (const each of components(packages)) {
    bom.components.add(new Component(Enums.ComponentType.Library, each.name, each));
  }
  const serializer = new Serialize.JsonSerializer(new Serialize.JSON.Normalize.Factory(Spec.Spec1dot6));
  return `${serializer.serialize(bom, { sortLists: true, space: 2 })}\n`;
}

function components(packages: GuestPackages) {
  return packages.packages.map((each) => {
    const purl = packageUrl(packages, each);
    return { name: each.name, version: each.version, purl, bomRef: purl };
  });
}

function facts(version: TemplateVersion): readonly (readonly [string, string])[] {
  const { id, versionId } = version.packages?.distribution ?? { id: '', versionId: '' };
  return [
    ['image-id', version.imageId],
    ['target', version.target],
    ['region', version.region],
    ['architecture', version.architecture],
    ['distribution', `${id} ${versionId}`.trim()],
  ];
}

/** A UUID of version 8 (RFC 9562: made as one likes) out of what names the image. */
function serialNumber({ target, imageId }: TemplateVersion): string {
  const hex = createHash('sha256').update(`${target} ${imageId}`).digest('hex');
  const parts = [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `8${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ];
  return `urn:uuid:${parts.join('-')}`;
}
