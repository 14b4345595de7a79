/** Programs get this and nothing else of the server's environment, which may hold secrets. */
export const programPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
