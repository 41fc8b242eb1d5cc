import { attacherFinalizer } from '../../../models/csi-sidecars/decisions.js';

// external-attacher pkg/controller/util.go GetFinalizerName, SanitizeDriverName
it.each([
  ['ebs.csi.aws.com', 'external-attacher/ebs-csi-aws-com'],
  ['k8s.io/minikube-hostpath', 'external-attacher/k8s-io-minikube-hostpath'],
  ['local_path', 'external-attacher/local-path'],
  ['disk.', 'external-attacher/disk-X'],
])('the attacher of the driver %s marks what it holds with %s', (driver, finalizer) => {
  expect(attacherFinalizer(driver)).toBe(finalizer);
});
