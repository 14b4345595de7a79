/** Availability zones: their names are configured letters, their ids follow AWS's form ('use1-az1'). */
import type { Cloud } from '../cloud.ts';

export interface Zone {
  /** 'us-east-1a' */
  readonly name: string;
  /** 'use1-az1' */
  readonly id: string;
}

export function zonesOf(cloud: Pick<Cloud, 'config'>, region: string): readonly Zone[] {
  return cloud.config.zones.map((letter, index) => ({
    name: `${region}${letter}`,
    id: `${shortRegion(region)}-az${index + 1}`,
  }));
}

export function zoneId(cloud: Pick<Cloud, 'config'>, region: string, name: string): string | undefined {
  return zonesOf(cloud, region).find((zone) => zone.name === name)?.id;
}

/** 'ap-southeast-2' → 'apse2' */
function shortRegion(region: string): string {
  const [area = '', ...rest] = region.split('-');
  const words = rest.map((word) =>
    word.replace(/(north|south|east|west|central)/g, (side) => side.charAt(0)),
  );
  return area + words.join('');
}
