//! Failures of `lib/request.mjs`, which all scripts with requests share.

use serde::Deserialize;

/// The cause of a failed request.
#[derive(Debug, Deserialize, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Cause {
    Network,
    Certificate,
    Proxy,
    Status,
    Content,
    Disk,
}

impl Cause {
    pub const ALL: [Self; 6] =
        [Self::Network, Self::Certificate, Self::Proxy, Self::Status, Self::Content, Self::Disk];

    /// Returns what to do about it, whatever was requested.
    pub fn hint(self) -> Option<&'static str> {
        match self {
            Self::Network => Some("check the network, and HTTPS_PROXY, HTTP_PROXY and NO_PROXY"),
            Self::Certificate => {
                Some("set NODE_EXTRA_CA_CERTS to a file with the certificates of your network")
            }
            Self::Proxy => Some("check HTTPS_PROXY, HTTP_PROXY and NO_PROXY"),
            Self::Disk => Some("check the cache's disk and permissions"),
            Self::Status | Self::Content => None,
        }
    }
}

#[test]
fn causes_are_as_they_are_described() {
    use crate::engine::border::check;
    for cause in ["network", "certificate", "proxy", "status", "content", "disk"] {
        let failure = serde_json::json!({"message": "text", "cause": cause});
        check("FetchFailure", &failure);
        assert!(serde_json::from_value::<Cause>(cause.into()).is_ok(), "{cause}");
    }
}
