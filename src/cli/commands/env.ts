import { Command, Option } from 'commander';
import { type Context, findContext } from '../context.ts';
import { regionOption } from '../options.ts';
import { print } from '../output.ts';

type Tool = 'aws-cli' | 'packer' | 'terraform' | 'boto3' | 'sdk';

interface EnvOptions {
  readonly for?: Tool;
  readonly region?: string;
}

export function envCommand(): Command {
  return new Command('env')
    .description('Print what points AWS tools at the server; for a shell: eval "$(ingot env)"')
    .addOption(regionOption())
    .addOption(
      new Option('--for <tool>', 'as this tool wants it').choices([
        'aws-cli',
        'packer',
        'terraform',
        'boto3',
        'sdk',
      ]),
    )
    .action(async (options: EnvOptions) => {
      const found = await findContext();
      const context = { ...found, region: options.region ?? found.region };
      print(options.for === undefined ? exportLine(context) : settings[options.for](context));
    });
}

/** One line that a shell can source. Scripts rely on the names. */
function exportLine({ url, token, credentials, region }: Context): string {
  const variables = {
    AWS_ENDPOINT_URL_EC2: url,
    AWS_ENDPOINT_URL_STS: url,
    AWS_ENDPOINT_URL_EBS: url,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    AWS_DEFAULT_REGION: region,
    INGOT_URL: url,
    INGOT_TOKEN: token,
  };
  return `export ${Object.entries(variables)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ')}`;
}

const settings: Readonly<Record<Tool, (context: Context) => string>> = {
  'aws-cli': ({ url, credentials, region }) =>
    `# Old AWS CLIs know no AWS_ENDPOINT_URL: this function gives --endpoint-url to any of them.
aws() {
  AWS_ACCESS_KEY_ID=${credentials.accessKeyId} AWS_SECRET_ACCESS_KEY=${credentials.secretAccessKey} \\
  AWS_DEFAULT_REGION=${region} command aws --endpoint-url ${url} "$@"
}`,
  packer: ({ url, credentials, region }) =>
    `source "amazon-ebs" "ingot" {
  region                      = "${region}"
  custom_endpoint_ec2         = "${url}"
  access_key                  = "${credentials.accessKeyId}"
  secret_key                  = "${credentials.secretAccessKey}"
  skip_metadata_api_check     = true
  skip_credential_validation  = true
}`,
  terraform: ({ url, credentials, region }) =>
    `provider "aws" {
  region                      = "${region}"
  access_key                  = "${credentials.accessKeyId}"
  secret_key                  = "${credentials.secretAccessKey}"
  skip_metadata_api_check     = true
  skip_region_validation      = true
  endpoints {
    ec2 = "${url}"
    sts = "${url}"
  }
}`,
  boto3: ({ url, credentials, region }) =>
    `import boto3

ec2 = boto3.client(
    "ec2",
    endpoint_url="${url}",
    aws_access_key_id="${credentials.accessKeyId}",
    aws_secret_access_key="${credentials.secretAccessKey}",
    region_name="${region}",
)`,
  sdk: ({ url, credentials, region }) =>
    `import { EC2Client } from '@aws-sdk/client-ec2';

const ec2 = new EC2Client({
  endpoint: '${url}',
  region: '${region}',
  credentials: { accessKeyId: '${credentials.accessKeyId}', secretAccessKey: '${credentials.secretAccessKey}' },
});`,
};
