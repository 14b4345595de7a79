/** What a launch would do, for people. */
import { paint } from '../output.ts';
import type { Preview } from './choose-image.ts';

export function previewLines(preview: Preview): readonly string[] {
  const { template, version, price_per_hour: price } = preview;
  const known = template === null ? '' : `  ${template}${version === null ? '' : `@${version}`}`;
  const proof = preview.proven ? paint('green', 'proven') : paint('yellow', 'not proven');
  const hour = price === null ? 'no price is known' : `$${price.toFixed(4)} an hour`;
  const whose = preview.billed ? '' : ', which is what AWS would ask; nobody does here';
  const disk = preview.disk_gb ?? preview.size_gb;
  return [
    line('Image', `${preview.ami_id}  ${preview.image_name}${known}`),
    line('Way', `${preview.why}`),
    line('Region', preview.region ?? ''),
    ...(known === '' ? [] : [line('Proof', proof)]),
    line('Machine', `${preview.instance_type} (${preview.architecture}), disk ${disk} GiB`),
    line('Ports', preview.ports.join(', ')),
    line('User', preview.ssh_user ?? ''),
    line('Cost', `${hour}${whose}`),
    line('Prices', paint('dim', preview.prices)),
  ];
}

function line(title: string, text: string): string {
  return `${paint('dim', title.padEnd(8))} ${text}`;
}
