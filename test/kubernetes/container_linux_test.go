package kubernetes

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/aimakerspace/synlogger/test/internal/namespace"
)

// inNode runs the calling test again in a process that has its own mounts and its own
// network, as root. It returns true in that process. Otherwise it reports the result of
// the process, or skips the test if the system does not allow such a process.
func inNode(t *testing.T) bool {
	t.Helper()
	if os.Getenv(envNode) == "" {
		if os.Getuid() != 0 {
			t.Skip("only root can run a process as another user")
		}
		t.Parallel()
	}
	attr := syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNS | syscall.CLONE_NEWNET}
	if !namespace.Again(t, attr, envNode, synlogger) {
		return false
	}
	if err := syscall.Mount("none", "/", "", syscall.MS_REC|syscall.MS_PRIVATE, ""); err != nil {
		t.Skip("cannot separate mounts: ", err)
	}
	if out, err := exec.Command("ip", "link", "set", "lo", "up").CombinedOutput(); err != nil {
		t.Skipf("cannot set up the loopback interface: %v %s", err, out)
	}
	return true
}

// A container runs the container of a workload as a node would: with the variables, the
// arguments, the volumes and the user of the manifest, and with a root that contains
// nothing else but the program.
type container struct {
	t       *testing.T
	w       workload
	root    string
	program string // path in root
	env     []string
	process *exec.Cmd
	output  output
	ended   chan error
}

// An output collects what a process prints.
type output struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.String()
}

// start starts the container of a manifest. The program gets the path that it has in the
// image: /synlogger or /worker.
func start(t *testing.T, n node, file, program string) *container {
	t.Helper()
	m := load(t, file)
	c := &container{t: t, w: m.workloads[0], root: t.TempDir(), program: "/" + filepath.Base(program)}
	env, err := n.environment(m, c.w)
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range env {
		c.env = append(c.env, name+"="+value)
	}
	must(t, os.Chmod(filepath.Dir(c.root), 0o755)) // of t.TempDir, for the user of the container
	must(t, os.WriteFile(c.root+c.program, []byte(readFile(t, program)), 0o755))
	for _, mount := range c.w.container().VolumeMounts {
		for _, v := range c.w.template.Spec.Volumes {
			if v.Name == mount.Name {
				c.mount(v, c.root+mount.MountPath, n.secrets)
			}
		}
	}
	c.run()
	return c
}

// run starts the program, again if it has ended: the volumes keep their contents.
func (c *container) run() {
	c.t.Helper()
	process, ended := c.command(append([]string{c.program}, c.w.container().Args...)...), make(chan error, 1)
	process.SysProcAttr.Cloneflags = syscall.CLONE_NEWPID | syscall.CLONE_NEWIPC | syscall.CLONE_NEWUTS
	process.Stdout, process.Stderr = &c.output, &c.output
	if err := process.Start(); err != nil {
		c.t.Skip("cannot start a container: ", err)
	}
	go func() { ended <- process.Wait() }()
	c.t.Cleanup(func() { process.Process.Kill() })
	c.process, c.ended = process, ended
}

// mount makes the contents of a volume.
func (c *container) mount(v corev1.Volume, dir string, secrets map[string]map[string]string) {
	c.t.Helper()
	must(c.t, os.MkdirAll(dir, 0o755))
	switch {
	case v.HostPath != nil:
		if err := syscall.Mount(v.HostPath.Path, dir, "", syscall.MS_BIND|syscall.MS_REC, ""); err != nil {
			c.t.Skip("cannot mount: ", err)
		}
		c.t.Cleanup(func() { must(c.t, syscall.Unmount(dir, syscall.MNT_DETACH)) })
		must(c.t, syscall.Mount("", dir, "", syscall.MS_BIND|syscall.MS_REMOUNT|syscall.MS_RDONLY, ""))
	case v.EmptyDir != nil:
		// The kubelet lets all users write, and adds the group of the pod.
		must(c.t, os.Chmod(dir, 0o777|os.ModeSetgid))
		must(c.t, os.Chown(dir, 0, c.group()))
	case v.Secret != nil:
		for key, value := range secrets[v.Secret.SecretName] {
			file := filepath.Join(dir, key)
			must(c.t, os.WriteFile(file, []byte(value), 0o600))
			must(c.t, os.Chown(file, 0, c.group()))
			must(c.t, os.Chmod(file, os.FileMode(*v.Secret.DefaultMode)))
		}
	}
}

// group returns the fsGroup of the pod, or 0.
func (c *container) group() int {
	if group := c.w.template.Spec.SecurityContext.FSGroup; group != nil {
		return int(*group)
	}
	return 0
}

// command returns a command in the container.
func (c *container) command(args ...string) *exec.Cmd {
	security := c.w.template.Spec.SecurityContext
	user := syscall.Credential{Uid: uint32(*security.RunAsUser), Gid: uint32(*security.RunAsGroup)}
	if c.group() != 0 {
		user.Groups = []uint32{uint32(c.group())}
	}
	return &exec.Cmd{
		Path:        args[0],
		Args:        args,
		Env:         c.env,
		Dir:         "/",
		SysProcAttr: &syscall.SysProcAttr{Chroot: c.root, Credential: &user},
	}
}

// probe runs a probe and returns nil if it succeeds.
func (c *container) probe(p *corev1.Probe) error {
	if p.Exec != nil {
		if out, err := c.command(p.Exec.Command...).CombinedOutput(); err != nil {
			return fmt.Errorf("%w: %s", err, out)
		}
		return nil
	}
	url := fmt.Sprintf("http://127.0.0.1:%d%s", portNumber(c.w, p.HTTPGet.Port.StrVal), p.HTTPGet.Path)
	resp, err := http.Get(url)
	if err != nil {
		return err
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return errors.New(resp.Status)
	}
	return nil
}

// waitProbe repeats a probe until it succeeds, or until it fails.
func (c *container) waitProbe(name string, p *corev1.Probe, succeeds bool) {
	c.t.Helper()
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		err := c.probe(p)
		if (err == nil) == succeeds {
			return
		}
		if time.Now().After(deadline) {
			c.t.Fatalf("%s: %v, want success %v\n%s", name, err, succeeds, &c.output)
		}
	}
}

// stop ends the container like a node: with SIGTERM, and within the grace period.
func (c *container) stop() {
	c.t.Helper()
	must(c.t, c.process.Process.Signal(syscall.SIGTERM))
	grace := time.Duration(*c.w.template.Spec.TerminationGracePeriodSeconds) * time.Second
	select {
	case err := <-c.ended:
		if err != nil {
			c.t.Errorf("the container ended: %v\n%s", err, &c.output)
		}
	case <-time.After(grace):
		c.t.Errorf("the container did not end within %v\n%s", grace, &c.output)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// clientCertificate returns a certificate and its key, in PEM.
func clientCertificate(t *testing.T) (certificate, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	template := x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, &template, &template, private.Public(), private)
	must(t, err)
	pkcs8, err := x509.MarshalPKCS8PrivateKey(private)
	must(t, err)
	return encode("CERTIFICATE", der), encode("PRIVATE KEY", pkcs8)
}

func encode(kind string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}
