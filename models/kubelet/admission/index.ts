export {
  type Admission,
  type AdmissionSettings,
  type AdmissionView,
  admit,
  PREEMPTION_CONDITION_MESSAGE,
  PREEMPTION_MESSAGE,
  rejectionMessage,
} from './decisions.js';
