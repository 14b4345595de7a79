/** How a name of the EC2 model is spelt in the table, so that what follows from a rule isn't written. */
export const scalars = ['string', 'number', 'boolean', 'timestamp', 'blob'] as const;
export type Scalar = (typeof scalars)[number];

export interface MemberNames {
  /** The SDK's name, the key in inputs and outputs: 'ImageIds'. */
  readonly name: string;
  /** The element in a response: 'imagesSet'. */
  readonly xmlName: string;
  /** The parameter in a request: 'ImageId', followed by '.1' for a list. */
  readonly queryName: string;
}

/** 'Name|xml|query', shortened where xml is the name with a small letter and query is xml with a capital one. */
export function spellMember(name: string, xmlName = name, ec2QueryName?: string): string {
  const queryName = ec2QueryName ?? capitalised(xmlName);
  const usualXml = xmlName === uncapitalised(name);
  const usualQuery = queryName === capitalised(xmlName);
  if (usualQuery) return usualXml ? name : `${name}|${xmlName}`;
  return usualXml ? `${name}||${queryName}` : `${name}|${xmlName}|${queryName}`;
}

export function readMember(spelt: string): MemberNames {
  const [name = '', xml, query] = spelt.split('|');
  const xmlName = xml || uncapitalised(name);
  return { name, xmlName, queryName: query ?? capitalised(xmlName) };
}

function capitalised(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

function uncapitalised(word: string): string {
  return word.charAt(0).toLowerCase() + word.slice(1);
}
