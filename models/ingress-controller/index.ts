export { createIngressController } from './component.js';
export { IngressRoutes } from './routes.js';
