export { type CrashLoopBackOffConfiguration, restartBackoffSettings } from './config.js';
export {
  type BackoffRefusal,
  backoffKey,
  backoffMessage,
  RestartBackoff,
  type RestartBackoffSettings,
} from './decisions.js';
