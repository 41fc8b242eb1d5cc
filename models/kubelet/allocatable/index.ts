export { nodeAllocatableReservation, podsMemoryLimit, type Reservations } from './decisions.js';
