import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { EC2 } from '@aws-sdk/client-ec2';
import { expect, test } from 'vitest';
import { featureNames, features } from './features.ts';
import { leastPolicy } from './policy.ts';

const place = { partition: 'aws-cn', accountId: '123456789012' };

test('each action is allowed on what it acts on, and on nothing else', () => {
  expect(leastPolicy(['share'], place)).toEqual({
    Version: '2012-10-17',
    Statement: [
      {
        Sid: 'Look',
        Effect: 'Allow',
        Action: [
          'ec2:DescribeImages',
          'ec2:DescribeInstances',
          'ec2:DescribeRegions',
          'ec2:DescribeSnapshots',
          'ec2:DescribeTags',
          'ec2:GetImageBlockPublicAccessState',
        ],
        Resource: ['*'],
      },
      {
        Sid: 'OnImage',
        Effect: 'Allow',
        Action: ['ec2:DescribeImageAttribute', 'ec2:ModifyImageAttribute', 'ec2:ResetImageAttribute'],
        Resource: ['arn:aws-cn:ec2:*::image/*'],
      },
      {
        Sid: 'OnSnapshot',
        Effect: 'Allow',
        Action: ['ec2:ModifySnapshotAttribute'],
        Resource: ['arn:aws-cn:ec2:*::snapshot/*'],
      },
    ],
  });
});

test('a policy names an action once, has letters and digits for ids, and fits into one managed policy', () => {
  const { Statement } = leastPolicy(featureNames, place);
  const actions = Statement.flatMap(({ Action }) => Action);
  expect(new Set(actions).size).toBe(actions.length);
  for (const { Sid } of Statement) expect(Sid).toMatch(/^[A-Za-z0-9]+$/);
  // White space doesn't count. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
  expect(JSON.stringify({ Statement }).length).toBeLessThan(6144);
});

test('whatever the factory calls, some feature asks permission for', () => {
  const factory = join(import.meta.dirname, '..');
  const sources = readdirSync(factory, { recursive: true, encoding: 'utf8' }).filter(
    (file) => file.endsWith('.ts') && !/\.test\.ts$|testing\/|^targets\//.test(file),
  );
  const methods = new Set(Object.getOwnPropertyNames(EC2.prototype));
  const called = sources.flatMap((file) =>
    [...readFileSync(join(factory, file), 'utf8').matchAll(/\bec2\.(\w+)\(/g)].flatMap(([, name = '']) =>
      methods.has(name) ? [`ec2:${name[0]?.toUpperCase()}${name.slice(1)}`] : [],
    ),
  );
  expect(called.length).toBeGreaterThan(10);
  const allowed = new Set(Object.values(features).flatMap((each) => each.map(({ action }) => action)));
  expect([...new Set(called)].filter((action) => !allowed.has(action))).toEqual([]);
});
