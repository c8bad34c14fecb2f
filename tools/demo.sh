#!/usr/bin/env bash
# The main jobs on real photos: sets up, builds, finds faces, compares a same and a different pair,
# enrols a woman and finds her again, paints.
# Pictures of the results lie in demo/. The second run needs no network.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

started=$SECONDS
tools/setup.sh build weights page
say "building (some minutes the first time)"
tools/build.sh release --target likeness
tools/weights.sh || fail "the demonstration needs the networks' weights" \
  "is there a network, and does 'npm ping' answer? then run: make demo"
tools/photos.sh

likeness=build/release/likeness
photos=demo/photos

# show COMMAND…: prints the command as one would type it, and runs it.
show() {
  printf '\n$ %s\n' "$*"
  "$@"
}

# verdict COMMAND…: the same for `likeness verify`, which ends with 1 when people differ.
verdict() {
  local code=0
  show "$@" || code=$?
  case $code in
    0) answer="same person" ;;
    1) answer="different people" ;;
    *) fail "'$*' ended with code $code" "its message is above; likeness models verify checks the weights" ;;
  esac
}

show $likeness detect $photos/sample6.jpg --draw demo/detect.png ||
  fail "no faces could be found" "its message is above"
verdict $likeness verify $photos/sample1.jpg $photos/sample3.jpg --face-a 2 --face-b 1 \
  --explain demo/verify.png
same=$answer
verdict $likeness verify $photos/sample3.jpg $photos/sample6.jpg --explain demo/verify-different.png
different=$answer

rm -f demo/people.gallery* demo/people.key
keep=(--gallery demo/people.gallery --key-file demo/people.key)
show $likeness enroll Anna $photos/sample1.jpg "${keep[@]}" ||
  fail "nobody could be enrolled" "its message is above"
# Ends with 1, as most of the women in the photos are not enrolled.
show $likeness identify $photos/sample3.jpg $photos/sample4.jpg "${keep[@]}" || [ $? -eq 1 ] ||
  fail "nobody could be looked for" "its message is above"

show $likeness style $photos/sample6.jpg examples/pictures/great_wave.jpg --size 384 \
  -o demo/painted.jpg || fail "nothing could be painted" "its message is above"

cat <<END

Done in $((SECONDS - started)) seconds.
  demo/detect.png            the faces of sample6.jpg with their landmarks
  demo/verify.png            one woman in two photos:  $same
  demo/verify-different.png  two women:                $different
  demo/people.gallery        Anna, from one photo, encrypted; she is in sample4.jpg
  demo/painted.jpg           sample6.jpg in the style of Hokusai's Great Wave

Try next:
  $likeness verify $photos/sample2.jpg $photos/sample4.jpg --json
  $likeness embed $photos -o demo/faces.npy
  $likeness style $photos/sample1.jpg examples/pictures/great_wave.jpg -o demo/wave.jpg
  $likeness --help
END
