/** Whether the server was built for development. */
export const DEVELOPMENT: boolean;
