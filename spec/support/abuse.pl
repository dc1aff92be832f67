# Sends malformed requests to a server on 127.0.0.1.  usage: perl abuse.pl PORT KEY
# Prints a line for each: its name and the status of the response, or "closed", or "silent".
# Ends with the number of connections that were held open with a partial request while an ordinary
# request got its response.
use strict;
use warnings;
use IO::Socket::INET;
use IO::Select;

my ($port, $key) = @ARGV;
$SIG{PIPE} = 'IGNORE';

sub dial {
  my $s = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $port, Proto => 'tcp',
    Timeout => 10) or die "cannot connect: $!";
  $s->autoflush(1);
  return $s;
}

sub response {
  my ($s, $timeout) = @_;
  my $all = '';
  my $wait = IO::Select->new($s);
  while ($wait->can_read($timeout)) {
    my $n = sysread($s, my $piece, 65536);
    return $all =~ /^HTTP\/1\.[01] (\d+)/ ? $1 : 'closed' unless $n;
    $all .= $piece;
    return $1 if $all =~ /^HTTP\/1\.[01] (\d+)/;
  }
  return 'silent';
}

sub try {
  my ($name, $bytes) = @_;
  my $s = dial();
  my $at = 0;
  while ($at < length $bytes) {
    my $n = syswrite($s, $bytes, 65536, $at);
    last unless $n;
    $at += $n;
  }
  print "$name ", response($s, 5), "\n";
  close $s;
}

my $auth = "Host: 127.0.0.1\r\nAuthorization: Bearer $key\r\n";
my $post = "POST /v3/training/subject HTTP/1.1\r\n${auth}Content-Type: application/json\r\n";

try('noise', join('', map { chr(($_ * 97 + 31) % 256) } 1 .. 4000) . "\r\n\r\n");
try('no-version', "GET /v3/user\r\n\r\n");
try('strange-version', "GET /v3/user HTTP/9.9\r\n$auth\r\n");
try('strange-method', "EAT /v3/user HTTP/1.1\r\n$auth\r\n");
try('method-without-end', 'G' x 200000);
try('target-without-end', 'GET /' . ('a' x 1000000) . " HTTP/1.1\r\n$auth\r\n");
try('header-without-end', "GET /v3/user HTTP/1.1\r\n${auth}X-A: " . ('b' x 1000000) . "\r\n\r\n");
try('headers-without-end', "GET /v3/user HTTP/1.1\r\n$auth" . ("X-A: b\r\n" x 100000) . "\r\n");
try('header-without-colon', "GET /v3/user HTTP/1.1\r\n${auth}nonsense\r\n\r\n");
try('nul-in-target', "GET /v3/\0user HTTP/1.1\r\n$auth\r\n");
try('dots', "GET /../../../../etc/passwd HTTP/1.1\r\n$auth\r\n");
try('percent', "GET /%00%ff%2e%2e/%zz?a=%&%=%%% HTTP/1.1\r\n$auth\r\n");
try('length-negative', "${post}Content-Length: -1\r\n\r\n{}");
try('length-huge', "${post}Content-Length: 99999999999999999999999999\r\n\r\n{}");
try('length-twice', "${post}Content-Length: 2\r\nContent-Length: 70\r\n\r\n{}");
try('length-and-chunks', "${post}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n");
try('chunk-size-huge', "${post}Transfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n{}");
try('chunk-size-nonsense', "${post}Transfer-Encoding: chunked\r\n\r\nxyz\r\n{}\r\n0\r\n\r\n");
try('chunk-size-negative', "${post}Transfer-Encoding: chunked\r\n\r\n-5\r\n{}\r\n0\r\n\r\n");
try('many-chunks', "${post}Transfer-Encoding: chunked\r\n\r\n" . ("1\r\n{\r\n" x 50000) . "0\r\n\r\n");
try('chunks-for-storage', "PUT /training-dataset/prod/x.png HTTP/1.1\r\n${auth}Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n");
try('multipart', "${post}Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 9\r\n\r\n--x\r\n\r\n--");
my @bodies = ('', '{', '[' x 100000, '{"a":' x 50000, 'null', '"\ud800"', "{\"name\":\"\0\xff\"}",
  '{"name":1e999}', '{"image_dataset_items":{"1":2}}', '{"width":' . ('9' x 100000) . '}');
for my $i (0 .. $#bodies) {
  try("json-$i", $post . 'Content-Length: ' . length($bodies[$i]) . "\r\n\r\n" . $bodies[$i]);
}

# slowloris: heads and bodies that never end
my @held;
for my $i (1 .. 200) {
  my $s = dial();
  syswrite($s, $i % 2 ? "GET /v3/user HTTP/1.1\r\nX-A: " : "${post}Content-Length: 1000\r\n\r\n{");
  push @held, $s;
}
for my $round (1 .. 3) { syswrite($_, 'x') for @held; }
my $s = dial();
syswrite($s, "GET /v3/user HTTP/1.1\r\n$auth\r\n");
print 'beside-slow ', response($s, 10), "\n";
print 'held ', scalar(@held), "\n";
