#!/bin/sh
# Build the wheel, install it into a clean environment, and use it there. The clean environment sees
# the packages that are installed already, so that nothing is downloaded twice, but not the checkout.
set -eu
python="${PYTHON:-python3}"
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
"$python" -m build --wheel --outdir "$place/dist" . >"$place/build.log" 2>&1 || {
    cat "$place/build.log"
    exit 1
}
"$python" -m venv "$place/venv"
packages=$("$python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
mkdir "$place/packages"
for package in "$packages"/*; do
    case $(basename "$package") in
    *tsgen*) ;; # neither the editable checkout nor its metadata
    *) ln -s "$package" "$place/packages/" ;;
    esac
done
"$place/venv/bin/python" -m pip install --quiet --no-deps "$place"/dist/*.whl
cd "$place"
PYTHONPATH="$place/packages" "$place/venv/bin/tsgen" --help >/dev/null
PYTHONPATH="$place/packages" "$place/venv/bin/python" - <<'END'
import tsgen

assert "venv" in tsgen.__file__, tsgen.__file__
print("wheel works:", tsgen.__version__, tsgen.load_sample())
END
