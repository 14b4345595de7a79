/** Who logs in to machines of an image: what its tags say, or those of an image that it was made from, else its name. */
import type { EC2, Image } from '@aws-sdk/client-ec2';
import { findImages } from '../aws/find-images.ts';
import { tagKeys, tagsOf } from '../aws/tags.ts';
import { usersByName, usualUser } from './aliases.ts';

export async function sshUserOf(ec2: EC2, image: Image, usual?: string): Promise<string> {
  return (await taggedUser(ec2, image)) ?? usual ?? userByName(image);
}

const longestAncestry = 20;

async function taggedUser(ec2: EC2, image: Image): Promise<string | undefined> {
  let next: Image | undefined = image;
  for (let generation = 0; next !== undefined && generation < longestAncestry; generation += 1) {
    const user = tagsOf(next)[tagKeys.sshUser];
    if (user !== undefined) return user;
    const parent: string | undefined = next.SourceImageId;
    next =
      parent === undefined
        ? undefined
        : (await findImages(ec2, { filters: [{ Name: 'image-id', Values: [parent] }] }))[0];
  }
  return undefined;
}

function userByName({ Name = '' }: Image): string {
  return usersByName.find(([pattern]) => pattern.test(Name))?.[1] ?? usualUser;
}
