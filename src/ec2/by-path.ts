import { ebsPath } from './ebs/gateway.ts';
import type { HttpHandler } from './gateway.ts';

/** One port for both: EBS direct has its paths, and the Query protocol takes the rest. */
export function byPath({ ec2, ebs }: { readonly ec2: HttpHandler; readonly ebs: HttpHandler }): HttpHandler {
  return (request, response) => {
    const path = request.url?.split('?', 1)[0] ?? '/';
    const isEbs = path === ebsPath || path.startsWith(`${ebsPath}/`);
    (isEbs ? ebs : ec2)(request, response);
  };
}
