/** For the API's schemas and the CLI's options. */
export const deploymentStatuses = ['deploying', 'ready', 'failed', 'deleting', 'deleted'] as const;
export const amiCreationStatuses = ['pending', 'creating', 'completed', 'failed', 'skipped'] as const;
