import { Filesystem, type FilesystemTemplate } from './filesystem.js';

/** The disks of a machine, as kubelet and container runtime were set up on them. */
export interface DiskTemplate {
  /** Where the kubelet keeps volumes and logs. */
  readonly nodefs: FilesystemTemplate;
  /** Where images are, if not there. */
  readonly imagefs?: FilesystemTemplate | undefined;
  /** Where containers write. Default: where images are. */
  readonly writableLayers?: 'nodefs' | 'imagefs' | undefined;
}

/** Images and writable layers live with everything else, both on a disk of their own, or only the images do. */
export type DiskLayout = 'singleDisk' | 'dedicatedImageFs' | 'splitContainerFs';

// mke2fs.conf inode_ratio
const BYTES_AN_INODE = 16 * 1024;

/** Everything on one disk of this many bytes, as ext4 makes it. */
export const oneDisk = (capacity: number): DiskTemplate => ({ nodefs: filesystemOf(capacity) });

/** Without a number of files: as many as ext4 makes room for. */
export const filesystemOf = (capacity: number, inodes = Math.floor(capacity / BYTES_AN_INODE)): FilesystemTemplate => ({
  capacity,
  inodes,
});

/** The filesystems of one machine by what is kept there; several may be the same. */
export class MachineDisks {
  readonly layout: DiskLayout;
  readonly nodefs: Filesystem;
  readonly imagefs: Filesystem;
  readonly containerfs: Filesystem;

  constructor({ imagefs, nodefs, writableLayers }: DiskTemplate) {
    this.nodefs = new Filesystem(nodefs);
    this.imagefs = imagefs === undefined ? this.nodefs : new Filesystem(imagefs);
    this.containerfs = writableLayers === 'nodefs' ? this.nodefs : this.imagefs;
    this.layout =
      this.imagefs === this.nodefs
        ? 'singleDisk'
        : this.containerfs === this.imagefs
          ? 'dedicatedImageFs'
          : 'splitContainerFs';
  }
}
